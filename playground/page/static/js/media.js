// Pictures, videos and files of a message: the gallery with click to enlarge, thumbnails, covered ones, downloads.

import { h, icon } from "./dom.js";
import { openLightbox } from "./lightbox.js";

// The widest and highest a single picture is shown (Discord's own measures, in CSS pixels).
const WIDEST = 550;
const HIGHEST = 350;

/** The address of a media item on this page, by way of the server; null for what cannot be shown. */
export const source = (media) => media?.src ?? null;

export const isVideo = (media) =>
  /^video\//.test(media?.content_type ?? "") || /\.(mp4|webm|mov)$/i.test(pathOf(media));
export const isAudio = (media) => /^audio\//.test(media?.content_type ?? "");
const isPicture = (media) =>
  /^image\//.test(media?.content_type ?? "") || /\.(png|jpe?g|gif|webp)$/i.test(pathOf(media));
const pathOf = (media) => (media?.url ?? "").split("?")[0];

/** A media gallery of one to ten items: `[{ media, description, spoiler }]`. */
export function gallery(items) {
  const shown = items.map((item, index) => tile(item, items.length === 1, () => openLightbox(items, index)));
  return h("div", { class: "gallery", data: { count: items.length } }, shown);
}

function tile(item, alone, enlarge) {
  const box = h("div", { class: "tile", style: alone ? measures(item.media) : {} });
  const content = isVideo(item.media) ? video(item) : picture(item, enlarge);
  box.append(content);
  if (item.description && !isVideo(item.media))
    box.append(h("span", { class: "alt-badge", title: item.description, "aria-hidden": "true" }, "ALT"));
  if (item.spoiler) box.append(cover(box));
  return box;
}

function measures({ width, height }) {
  if (!width || !height) return { maxWidth: `${WIDEST}px` };
  const scale = Math.min(1, WIDEST / width, HIGHEST / height);
  return { width: `${Math.round(width * scale)}px`, aspectRatio: `${width} / ${height}` };
}

function picture(item, enlarge) {
  const { media, description } = item;
  const img = h("img", {
    src: source(media),
    alt: description ?? "",
    width: media.width || null,
    height: media.height || null,
    decoding: "async",
  });
  const label = description ? `Enlarge: ${description}` : "Enlarge the picture";
  const button = h("button", { type: "button", class: "picture", "aria-label": label, onclick: enlarge }, img);
  img.addEventListener("error", () => button.replaceChildren(broken()));
  return button;
}

const broken = () => h("span", { class: "broken" }, icon("warning"), "This picture did not load");

function video(item) {
  const { media, description } = item;
  return h("video", {
    src: source(media),
    controls: true,
    preload: "metadata",
    playsinline: true,
    "aria-label": description ?? "Video",
  });
}

/** What hides a picture marked as a spoiler, until it is clicked. */
function cover(box) {
  box.classList.add("covered");
  const reveal = () => {
    box.classList.remove("covered");
    button.remove();
  };
  const button = h(
    "button",
    { type: "button", class: "cover", "aria-label": "Show the spoiler", onclick: reveal },
    h("span", {}, "Spoiler"),
  );
  return button;
}

/** The small picture at the side of a section or embed. */
export function thumbnail(item) {
  const box = h(
    "div",
    { class: "thumbnail" },
    picture(item, () => openLightbox([item], 0)),
  );
  if (item.spoiler) box.append(cover(box));
  return box;
}

/** Attachments that no component shows: pictures as a gallery, the rest below each other. */
export function attachments(list) {
  const items = list.map((file) => ({
    media: file,
    description: file.description,
    spoiler: file.filename.startsWith("SPOILER_"),
  }));
  const visual = items.filter(({ media }) => isPicture(media) || isVideo(media));
  const rest = items.filter((item) => !visual.includes(item));
  return [
    visual.length ? gallery(visual) : null,
    ...rest.map(({ media }) => (isAudio(media) ? audio(media) : fileCard(media))),
  ];
}

function audio(media) {
  return h("div", { class: "file" }, h("audio", { src: source(media), controls: true, "aria-label": media.filename }));
}

/** A file to download, with its name and size. */
export function fileCard({ filename, name, size, src, spoiler }) {
  const shown = filename ?? name ?? "file";
  const card = h(
    "div",
    { class: "file" },
    icon("file", 30),
    h(
      "span",
      { class: "file-words" },
      h("a", { href: src, download: shown }, shown),
      h("small", {}, sizeInWords(size)),
    ),
  );
  if (spoiler) card.append(cover(card));
  return card;
}

/** 1536 → "1.5 KB" */
export function sizeInWords(bytes = 0) {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 ** 2).toFixed(2)} MB`;
}
