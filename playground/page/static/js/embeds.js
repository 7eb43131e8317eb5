// Classic embeds.

import { h } from "./dom.js";
import { link } from "./inline.js";
import { line, markdown } from "./markdown.js";
import { gallery, thumbnail } from "./media.js";
import { stamp } from "./times.js";

/** One embed: its colored edge, author, title, text, fields, pictures and footer. */
export function embed(data, message) {
  const { author, title, url, description, fields, footer, timestamp } = data;
  const picture = pictureOf(data.image, message);
  const small = pictureOf(data.thumbnail, message);
  const end = [footer?.text, timestamp ? stamp(timestamp) : null].filter(Boolean).join(" • ");
  return h(
    "article.embed",
    { style: accent(data.color) },
    h(
      ".column",
      author ? h("p.embed-author", sign(author), author.url ? link(author.url, author.name) : author.name) : null,
      title ? h("p.embed-title", url ? link(url, line(title)) : line(title)) : null,
      description ? markdown(description, { class: "embed-text" }) : null,
      fields?.length ? h(".embed-fields", fields.map(field)) : null,
    ),
    small ? thumbnail({ media: small }) : null,
    picture ? h(".embed-picture", gallery([{ media: picture }])) : null,
    end ? h("p.embed-footer", sign(footer), end) : null,
  );
}

/** A color number as the CSS variable of an edge: 0x5865F2 → "#5865f2". */
export const accent = (color) =>
  Number.isInteger(color) ? { "--accent": `#${color.toString(16).padStart(6, "0")}` } : {};

/** A picture of an embed may name an attached file. */
function pictureOf(picture, message) {
  if (!picture?.url?.startsWith("attachment://")) return picture;
  return message.attachments.find((file) => picture.url === `attachment://${file.filename}`);
}

const sign = (owner) => (owner?.icon_src ? h("img", { src: owner.icon_src, alt: "" }) : null);

const field = ({ name, value, inline }) =>
  h(".embed-field", { class: inline && "inline" }, h("p.embed-name", line(name)), markdown(value));
