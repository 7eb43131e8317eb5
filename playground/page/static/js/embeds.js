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
    "article.embed.card",
    { style: accent(data.color) },
    h(
      ".column",
      author ? h("b.embed-author", author.url ? link(author.url, author.name) : author.name) : null,
      title ? h("b.embed-title", url ? link(url, line(title)) : line(title)) : null,
      description ? markdown(description, { class: "embed-text" }) : null,
      fields?.length ? h(".embed-fields", fields.map(field)) : null,
    ),
    small ? thumbnail({ media: small }) : null,
    picture ? h(".embed-picture", gallery([{ media: picture }])) : null,
    end ? h("p.embed-footer.small", end) : null,
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

const field = ({ name, value, inline }) =>
  h(".embed-field", { class: inline && "inline" }, h("b", line(name)), markdown(value));
