// Images, videos and files: how messages show them, and how they are chosen to be sent.

import { fill, h, icon, iconButton } from "./dom.js";

// The widest and highest a single image is shown (Discord's own measures, in CSS pixels).
const WIDEST = 550;
const HIGHEST = 350;

/** Whether a media item is an "image", "video" or "audio". */
export const isA = (kind, media) => Boolean(media.content_type?.startsWith(`${kind}/`));

/** A media gallery of one to ten items: `[{ media, description, spoiler }]`. */
export function gallery(items) {
  const tile = (item, index) => {
    const isVideo = isA("video", item.media);
    const style = items.length === 1 ? measures(item.media) : {};
    const shown = isVideo ? video(item) : enlargeable(item, () => openLightbox(items, index));
    return covered(item, h(".tile", { style }, shown));
  };
  return h(".gallery", items.map(tile));
}

function measures({ width, height }) {
  if (!width || !height) return { "aspect-ratio": "auto" };
  const scale = Math.min(1, WIDEST / width, HIGHEST / height);
  return { "max-width": `${Math.round(width * scale)}px`, "aspect-ratio": `${width} / ${height}` };
}

function enlargeable({ media, description }, onclick) {
  const { src, width, height } = media;
  const img = h("img", { src, alt: description ?? "", width, height, decoding: "async" });
  const label = description ? `Enlarge: ${description}` : "Enlarge the image";
  return h("button.enlargeable", { "aria-label": label, onclick }, img);
}

/** A video with its controls. */
export const video = ({ media, description }, more = {}) =>
  h("video", { src: media.src, controls: true, playsinline: true, "aria-label": description ?? "Video", ...more });

/** One image of a gallery over the whole page; arrows lead to its neighbors, Escape back. */
function openLightbox(items, index) {
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
  const previous = items.length > 1 ? iconButton("left", "Previous image", () => turn(-1)) : null;
  const next = items.length > 1 ? iconButton("right", "Next image", () => turn(1)) : null;
  const onclick = ({ target }) => [dialog, figure].includes(target) && dialog.close();
  const properties = { "aria-label": "Image", onkeydown, onclick, onclose: () => dialog.remove() };
  const dialog = h("dialog.lightbox", properties, figure);
  document.body.append(dialog);
  show();
  dialog.showModal();
}

/** What is marked as a spoiler is hidden until it is clicked. */
export function covered({ spoiler }, box) {
  if (!spoiler) return box;
  const reveal = () => {
    box.classList.remove("covered");
    cover.remove();
  };
  const properties = { "aria-label": "Show the spoiler", onclick: reveal };
  const cover = h("button.cover.center", properties, h("span.button", "Spoiler"));
  box.classList.add("covered");
  box.append(cover);
  return box;
}

/** The small image at the side of a section or embed. */
export const thumbnail = (item) =>
  covered(item, h(".thumbnail", enlargeable(item, () => openLightbox([item], 0))));

/** Attachments that no component shows: images as a gallery, the rest below each other. */
export function attachments(files) {
  const isVisual = (file) => isA("image", file) || isA("video", file);
  const visual = files.filter(isVisual).map((media) => ({
    media,
    description: media.description,
    spoiler: media.filename.startsWith("SPOILER_"),
  }));
  const rest = files.filter((file) => !isVisual(file));
  return [
    visual.length ? gallery(visual) : null,
    rest.map((file) => (isA("audio", file) ? audio(file) : fileCard({ name: file.filename, ...file }))),
  ];
}

const audio = ({ src, filename }) => h(".file.card", h("audio", { src, controls: true, "aria-label": filename }));

/** A file to download, with its name and size. */
export function fileCard({ name = "file", size, src, spoiler }) {
  const words = h("span.words", h("a.clip", { href: src, download: name }, name), h("small", sizeInWords(size)));
  return covered({ spoiler }, h(".file.card.line.muted", icon("file", 30), words));
}

/** 1536 → "1.5 KB" */
function sizeInWords(bytes = 0) {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 ** 2).toFixed(2)} MB`;
}

// Files to be sent.

/** A card for one file; `onremove` takes it away. */
export function uploadCard(file, onremove) {
  const remove = iconButton("trash", `Remove ${file.name}`, onremove);
  const name = h("span.upload-name.clip", { title: file.name }, file.name);
  return h(".upload.card.column", preview(file), name, h("small", sizeInWords(file.size)), remove);
}

function preview(file) {
  if (!file.type.startsWith("image/")) return h(".upload-image.center.muted", icon("file", 40));
  const src = URL.createObjectURL(file);
  const onload = () => URL.revokeObjectURL(src);
  return h("img.upload-image", { src, alt: "", onload });
}

/** Asks for files with the system's picker. */
export function pickFiles(multiple, onfiles) {
  const input = h("input", { type: "file", multiple });
  input.addEventListener("change", () => input.files.length && onfiles([...input.files]));
  input.click();
}

/** Lets files be dropped on an element or pasted into it. */
export function takesFiles(element, onfiles) {
  const take = (event, { files }) => {
    if (!files?.length) return;
    event.preventDefault();
    event.stopPropagation();
    onfiles([...files]);
  };
  // Without this, the browser opens what is dropped.
  element.addEventListener("dragover", (event) => event.preventDefault());
  element.addEventListener("drop", (event) => take(event, event.dataTransfer));
  element.addEventListener("paste", (event) => take(event, event.clipboardData));
}
