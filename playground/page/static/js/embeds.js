// Classic embeds.

import { hex } from "./components.js";
import { h } from "./dom.js";
import { line, markdown } from "./markdown.js";
import { gallery, thumbnail } from "./media.js";
import { stamp } from "./times.js";

/** One embed: its coloured edge, author, title, text, fields, pictures and footer. */
export function embed(data, message) {
  const picture = pictureOf(data.image, message);
  const small = pictureOf(data.thumbnail, message);
  return h(
    "article",
    { class: "embed", style: data.color === null || data.color === undefined ? {} : { "--accent": hex(data.color) } },
    h(
      "div",
      { class: "embed-words" },
      data.author ? author(data.author) : null,
      data.title ? title(data) : null,
      data.description ? markdown(data.description, { class: "embed-text" }) : null,
      data.fields?.length ? h("div", { class: "embed-fields" }, data.fields.map(field)) : null,
    ),
    small ? thumbnail({ media: small, description: null }) : null,
    picture ? h("div", { class: "embed-picture" }, gallery([{ media: picture, description: null }])) : null,
    footer(data),
  );
}

/** A picture of an embed may name an attached file. */
function pictureOf(picture, message) {
  if (!picture) return null;
  if (!picture.url?.startsWith("attachment://")) return picture;
  const name = picture.url.slice("attachment://".length);
  return message.attachments.find((file) => file.filename === name) ?? null;
}

function author({ name, url, icon_src: icon }) {
  const shown = url ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, name) : name;
  return h("p", { class: "embed-author" }, icon ? h("img", { src: icon, alt: "" }) : null, shown);
}

function title({ title: text, url }) {
  const shown = line(text);
  return h(
    "p",
    { class: "embed-title" },
    url ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, shown) : shown,
  );
}

function field({ name, value, inline }) {
  return h(
    "div",
    { class: inline ? "embed-field inline" : "embed-field" },
    h("p", { class: "embed-name" }, line(name)),
    markdown(value),
  );
}

function footer({ footer: given, timestamp }) {
  if (!given && !timestamp) return null;
  const words = [given?.text, timestamp ? stamp(timestamp) : null].filter(Boolean).join(" • ");
  return h("p", { class: "embed-footer" }, given?.icon_src ? h("img", { src: given.icon_src, alt: "" }) : null, words);
}
