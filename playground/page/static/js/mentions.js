// Mentions of people, roles, channels and commands; emoji of a server.

import { h } from "./dom.js";
import { channel, guild, openChannel, store, tell, user } from "./store.js";

const pill = (tag, text, properties = {}) => h(tag, { class: "mention", ...properties }, text);

/** `<@id>` */
export function userMention(id) {
  const found = user(id);
  return pill("span", found ? `@${found.shown}` : "@unknown-user", { data: { user: id } });
}

/** `<@&id>` */
export function roleMention(id) {
  const found = guild()?.roles.find((role) => role.id === id);
  return pill("span", found ? `@${found.name}` : "@unknown-role");
}

/** `<#id>`, a way there. */
export function channelMention(id) {
  const found = store.channels.find((each) => each.id === id);
  if (!found) return pill("span", "# unknown");
  return pill("button", `# ${found.name}`, { type: "button", onclick: () => openChannel(id) });
}

/** `</name:id>`, which puts the command into the message box. */
export function commandMention(name) {
  const known = (store.commands[channel()?.id] ?? []).some((each) => each.name === name.split(" ")[0]);
  if (!known) return pill("span", `/${name}`);
  return pill("button", `/${name}`, { type: "button", onclick: () => tell("use-command", name) });
}

/** `@everyone` and `@here` */
export const everyoneMention = (name) => pill("span", `@${name}`);

/** An emoji of a server. This playground has no pictures of them, so its name stands for it. */
export const customEmoji = (name) => h("span", { class: "custom-emoji", title: `:${name}:` }, `:${name}:`);
