// Buttons and select menus of a message.

import { avatar } from "./avatars.js";
import { h, icon } from "./dom.js";
import { useComponent, waitingFor } from "./interactions.js";
import { listbox } from "./listbox.js";
import { guild, store } from "./store.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "premium" };

/** An emoji of a component: a Unicode one as it is, one of a server by its name. */
export function emojiOf(emoji) {
  if (!emoji?.name) return null;
  return h(
    "span",
    { class: emoji.id ? "emoji custom" : "emoji", "aria-hidden": emoji.id ? null : "true" },
    emoji.id ? `:${emoji.name}:` : emoji.name,
  );
}

/** A button of any style. */
export function button(component, message) {
  const { label, emoji, style, url, disabled, custom_id: customId } = component;
  const spoken = label ? null : (emoji?.name ?? null);
  const inside = [emojiOf(emoji), label ? h("span", { class: "label" }, label) : null];
  const name = `button ${STYLES[style] ?? "secondary"}`;
  if (style === 5) {
    const link = { class: name, target: "_blank", rel: "noopener noreferrer", "aria-label": spoken, title: url };
    // A disabled link cannot be followed, as on Discord.
    return h("a", disabled ? { ...link, "aria-disabled": "true" } : { ...link, href: url }, inside, icon("link", 15));
  }
  if (style === 6) return h("button", { type: "button", class: name, disabled: true }, "Shop item");
  const pending = waitingFor(message.id);
  const mine = pending === customId;
  const onclick = () => useComponent("press", message, customId);
  return h(
    "button",
    {
      type: "button",
      class: mine ? `${name} busy` : name,
      disabled: disabled || pending !== undefined,
      "aria-label": spoken,
      "aria-busy": mine ? "true" : null,
      onclick,
      data: { key: customId },
    },
    inside,
    mine ? dots() : null,
  );
}

/** Three dots that say that something is awaited. */
export function dots() {
  return h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
}

/** A select menu of any kind. */
export function select(component, message) {
  const options = optionsOf(component);
  return listbox({
    label: component.placeholder || "Select menu",
    placeholder: component.placeholder,
    options,
    least: component.min_values ?? 1,
    most: component.max_values ?? 1,
    chosen: options.filter((option) => option.chosen).map((option) => option.key),
    disabled: component.disabled || waitingFor(message.id) !== undefined,
    key: component.custom_id,
    onclose: (keys) => useComponent("choose", message, component.custom_id, { values: valuesOf(component, keys) }),
  });
}

/** What a select menu offers: its own options, or the people, roles and channels of this server. */
export function optionsOf(component) {
  if (component.type === 3) {
    return component.options.map((option) => ({
      key: option.value,
      label: option.label,
      description: option.description,
      sign: emojiOf(option.emoji),
      chosen: option.default === true,
    }));
  }
  const preset = new Set((component.default_values ?? []).map((each) => each.id));
  const found = [];
  if ([5, 7].includes(component.type)) found.push(...people());
  if ([6, 7].includes(component.type)) found.push(...roles());
  if (component.type === 8) found.push(...channels());
  return found.map((option) => ({ ...option, chosen: preset.has(option.key) }));
}

const people = () =>
  (guild()?.members ?? [store.application]).map((each) => ({
    key: each.id,
    label: each.shown,
    description: each.name,
    sign: avatar(each, 20),
    kind: "user",
  }));
const roles = () => (guild()?.roles ?? []).map((role) => ({ key: role.id, label: `@${role.name}`, kind: "role" }));
const channels = () =>
  store.channels
    .filter((each) => !each.direct && each.guild === guild()?.id)
    .map((each) => ({ key: each.id, label: `# ${each.name}`, kind: "channel" }));

/** Chosen keys as the server reads them: strings, or `{ user: id }` and its like. */
export function valuesOf(component, keys) {
  if (component.type === 3) return keys;
  const kinds = new Map(optionsOf(component).map((option) => [option.key, option.kind]));
  return keys.map((key) => ({ [kinds.get(key)]: key }));
}
