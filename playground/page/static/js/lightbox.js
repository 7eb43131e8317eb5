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
    const caption = description ? h("figcaption", description) : null;
    fill(figure, shown, caption, h("footer.line", previous, open, next, close));
  };
  const turn = (by) => {
    at = (at + by + items.length) % items.length;
    show();
  };
  const onkeydown = ({ key }) => {
    if (key === "ArrowLeft") turn(-1);
    if (key === "ArrowRight") turn(1);
  };
  const close = iconButton("close", "Close", () => dialog.close());
  const previous = items.length > 1 ? iconButton("left", "Previous picture", () => turn(-1)) : null;
  const next = items.length > 1 ? iconButton("right", "Next picture", () => turn(1)) : null;
  const onclick = ({ target }) => [dialog, figure].includes(target) && dialog.close();
  const properties = { "aria-label": "Picture", onkeydown, onclick, onclose: () => dialog.remove() };
  const dialog = h("dialog.lightbox", properties, figure);
  document.body.append(dialog);
  show();
  dialog.showModal();
}
