// One picture over the whole screen; arrows lead to its neighbors, Escape back.

import { fill, h, icon, iconButton } from "./dom.js";
import { isA, video } from "./media.js";

/** Opens the picture at `index` of a gallery's items. */
export function openLightbox(items, index) {
  let at = index;
  const figure = h("figure.center");
  const show = () => {
    const { media, description } = items[at];
    const shown = isA("video", media)
      ? video(items[at], { autoplay: true })
      : h("img", { src: media.src, alt: description ?? "" });
    const open = h("a", { href: media.src, target: "_blank", rel: "noopener" }, "Open in browser ", icon("link", 14));
    fill(figure, shown, h("figcaption", description ? h("p", description) : null, open));
  };
  const turn = (by) => {
    at = (at + by + items.length) % items.length;
    show();
  };
  const onkeydown = ({ key }) => {
    if (key === "ArrowLeft") turn(-1);
    if (key === "ArrowRight") turn(1);
  };
  const close = () => dialog.close();
  const onclick = ({ target }) => [dialog, figure].includes(target) && close();
  const buttons = [iconButton("close", "Close", close)];
  if (items.length > 1) {
    buttons.push(iconButton("right", "Previous picture", () => turn(-1), { class: "previous" }));
    buttons.push(iconButton("right", "Next picture", () => turn(1), { class: "next" }));
  }
  const properties = { "aria-label": "Picture", onkeydown, onclick, onclose: () => dialog.remove() };
  const dialog = h("dialog.lightbox", properties, figure, buttons);
  document.body.append(dialog);
  show();
  dialog.showModal();
}
