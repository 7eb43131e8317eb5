// One picture over the whole screen; arrows lead to its neighbours, Escape back.

import { fill, h, icon, iconButton } from "./dom.js";

/** Opens the picture at `index` of a gallery's items. */
export function openLightbox(items, index) {
  let at = index;
  const stage = h("figure", { class: "stage" });
  const dialog = h("dialog", { class: "lightbox", "aria-label": "Picture" }, stage);
  const close = () => dialog.close();
  const turn = (by) => {
    at = (at + by + items.length) % items.length;
    show();
  };
  const show = () => {
    const { media, description } = items[at];
    fill(
      stage,
      /^video\//.test(media.content_type ?? "")
        ? h("video", { src: media.src, controls: true, autoplay: true })
        : h("img", { src: media.src, alt: description ?? "" }),
      h("figcaption", {}, description ? h("p", {}, description) : null, openAlone(media)),
    );
  };
  dialog.append(iconButton("close", "Close", close, { class: "icon-button lightbox-close" }));
  if (items.length > 1)
    dialog.append(
      turner("Previous picture", "back", () => turn(-1)),
      turner("Next picture", "on", () => turn(1)),
    );
  dialog.addEventListener("keydown", (event) => {
    if (items.length < 2 || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    turn(event.key === "ArrowLeft" ? -1 : 1);
  });
  dialog.addEventListener("click", (event) => (event.target === dialog || event.target === stage) && close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  show();
  dialog.showModal();
}

function openAlone(media) {
  return h("a", { href: media.src, target: "_blank", rel: "noopener" }, "Open in browser ", icon("link", 14));
}

function turner(label, way, onclick) {
  return h("button", { type: "button", class: `turner ${way}`, "aria-label": label, onclick }, icon("right", 28));
}
