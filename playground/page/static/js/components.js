// The components and embeds of a message as trees of nodes.

import { useComponent, waitingFor } from "./api.js";
import { fill, h, icon, moveFocus, newId } from "./dom.js";
import { line, link, markdown } from "./markdown.js";
import { covered, fileCard, gallery, thumbnail } from "./media.js";
import { emit } from "./store.js";
import { stamp } from "./times.js";
import { channels, customEmoji, people, roles } from "./users.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link" };

const MAKERS = {
  1: (component, message) => h(".action-row.line.wrap", components(component.components, message)),
  2: button,
  3: select,
  5: select,
  6: select,
  7: select,
  8: select,
  9: section,
  10: (component) => markdown(component.content, { class: "text-display" }),
  11: thumbnail,
  12: (component) => gallery(component.items),
  13: ({ file, ...card }) => fileCard({ ...card, src: file.src }),
  14: ({ divider, spacing }) => h(divider === false ? ".spacer" : "hr.separator", { class: spacing === 2 && "large" }),
  17: container,
};

/** The nodes of a message's components. */
export const components = (list, message) => list.map((component) => one(component, message));

function one(component, message) {
  return MAKERS[component.type]?.(component, message) ?? unknown(component);
}

/** A component type that Discord has and this page does not is named, not left out. */
export const unknown = ({ type }) => h("p.unknown-component.small", `A component of type ${type}`);

function section({ components: texts, accessory }, message) {
  return h(".section.line", h(".column.grow", components(texts, message)), h(".accessory", one(accessory, message)));
}

function container(component, message) {
  const style = accent(component.accent_color);
  const box = h(".container.card.column", { style }, components(component.components, message));
  return covered(component, box);
}

function emojiOf(emoji) {
  if (!emoji?.name) return null;
  return emoji.id ? customEmoji(emoji.name) : h("span.emoji", { "aria-hidden": "true" }, emoji.name);
}

function button({ label, emoji, style, url, disabled, custom_id: customId }, message) {
  const inside = [emojiOf(emoji), label ? h("span.clip", label) : null];
  const name = label ? null : emoji?.name;
  const kind = STYLES[style] ?? "secondary";
  if (style === 5) {
    // A disabled link cannot be followed, as on Discord.
    const way = { href: disabled ? null : url, target: "_blank", rel: "noopener noreferrer", title: url };
    const about = { class: kind, "aria-disabled": disabled, "aria-label": name };
    return h("a.button", { ...about, ...way }, inside, icon("link", 15));
  }
  const pending = waitingFor(message.id);
  const isBusy = pending === customId;
  return h(
    "button.button",
    {
      class: kind,
      disabled: disabled || pending !== undefined,
      "aria-label": name,
      "aria-busy": isBusy,
      onclick: () => useComponent("press", message, customId),
      data: { key: customId },
    },
    inside,
    isBusy ? dots() : null,
  );
}

/** Three dots that say that something is awaited. */
export const dots = () => h("span.dots", { "aria-hidden": "true" });

function select(component, message) {
  const { custom_id: key, placeholder, min_values: least, max_values: most, disabled } = component;
  return selectMenu({
    label: placeholder || "Select menu",
    placeholder,
    options: optionsOf(component),
    least,
    most,
    disabled: disabled || waitingFor(message.id) !== undefined,
    key,
    onchange: (values) => useComponent("choose", message, key, { values }),
  });
}

/** What a select menu offers: its own options, or the people, roles and channels of this server. */
export function optionsOf({ type, options, default_values: preset = [] }) {
  if (type === 3)
    return options.map((option) => ({ ...option, sign: emojiOf(option.emoji), chosen: option.default === true }));
  const offered = { 5: [people], 6: [roles], 7: [people, roles], 8: [channels] }[type] ?? [];
  return offered
    .flatMap((list) => list())
    .map((option) => ({ ...option, chosen: preset.some(({ id }) => id === option.id) }));
}

/**
 * `options` are `{ label, description, sign, value, chosen }`. `onchange(values)` is called when the list closes with
 * another choice than before; a choice of fewer than `least` is taken back.
 */
export function selectMenu({ label, placeholder, options, least = 1, most = 1, disabled, key, onchange }) {
  const several = most > 1;
  let chosen = new Set(options.filter((option) => option.chosen));
  let before = chosen;
  const rows = options.map((option) => optionRow(option, () => pick(option)));
  const about = { role: "listbox", id: newId(), "aria-label": label, "aria-multiselectable": String(several) };
  const list = h(".options.floating", { popover: "auto", ...about }, rows);
  const shown = h("span.line.grow");
  const box = h(
    "button.select.box.line",
    {
      role: "combobox",
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      "aria-controls": list.id,
      "aria-label": label,
      disabled,
      data: { key },
    },
    shown,
    icon("down", 18),
  );
  box.popoverTargetElement = list;

  const draw = () => {
    rows.forEach((element, index) => {
      element.ariaSelected = String(chosen.has(options[index]));
      // The first of these gets the focus when the list opens.
      element.autofocus = chosen.has(options[index]) || (!chosen.size && index === 0);
    });
    const picked = [...chosen].map((option) => h("span.line", option.sign?.cloneNode(true), option.label));
    fill(shown, picked.length ? picked : h("span.muted", placeholder || "Make a selection"));
  };
  const pick = (option) => {
    if (!several) chosen = new Set([option]);
    else if (!chosen.delete(option) && chosen.size < most) chosen.add(option);
    draw();
    if (!several) list.hidePopover();
  };
  list.addEventListener("beforetoggle", ({ newState }) => {
    box.setAttribute("aria-expanded", String(newState === "open"));
    if (newState === "open") before = new Set(chosen);
  });
  list.addEventListener("toggle", ({ newState }) => {
    if (newState === "open") return;
    if (chosen.size < least) chosen = before;
    draw();
    if (chosen.symmetricDifference(before).size) onchange([...chosen].map((option) => option.value));
    emit("select-closed");
  });
  list.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Tab") list.hidePopover();
    else moveFocus(event, rows);
  });
  box.addEventListener("keydown", (event) => {
    if (!["ArrowDown", "ArrowUp"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    list.showPopover({ source: box });
  });
  draw();
  return h(".select-menu.grow", box, list);
}

function optionRow({ label, description, sign }, onclick) {
  const words = h("span.words.grow", h("span", label), description ? h("small", description) : null);
  const properties = { role: "option", tabindex: -1, data: { label }, onclick };
  return h("button.item", properties, sign, words);
}

// Embeds.

/** A classic embed: its colored edge, author, title, text, fields, images and footer. */
export function embed(data, message) {
  const { author, title, url, description, fields, footer, timestamp } = data;
  const image = attachedImage(data.image, message);
  const small = attachedImage(data.thumbnail, message);
  const end = [footer?.text, timestamp ? stamp(timestamp) : null].filter(Boolean).join(" • ");
  return h(
    "article.embed.card",
    { style: accent(data.color) },
    h(
      ".column",
      author ? h("b.embed-author", author.url ? link(author.url, author.name) : author.name) : null,
      title ? h("b.embed-title", url ? link(url, line(title)) : line(title)) : null,
      description ? markdown(description, { class: "embed-text" }) : null,
      fields?.map(field),
    ),
    small ? thumbnail({ media: small }) : null,
    image ? h(".embed-image", gallery([{ media: image }])) : null,
    end ? h("p.embed-footer.small", end) : null,
  );
}

/** A color number as the CSS variable of an edge: 0x5865F2 → "#5865f2". */
const accent = (color) =>
  Number.isInteger(color) ? { "--accent": `#${color.toString(16).padStart(6, "0")}` } : {};

/** An image of an embed may name an attached file. */
function attachedImage(image, message) {
  if (!image?.url?.startsWith("attachment://")) return image;
  return message.attachments.find((file) => image.url === `attachment://${file.filename}`);
}

const field = ({ name, value }) => h(".embed-field", h("b", line(name)), markdown(value));
