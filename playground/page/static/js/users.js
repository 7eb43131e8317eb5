// People, roles and channels: how they look, how they are chosen, how they are mentioned.

import { h } from "./dom.js";
import { channel, guild, openChannel, store, user } from "./store.js";

const BOT_DISC = "linear-gradient(135deg, #7a86ff, #5865f2 45%, #b45bd6)";
const COLORS = ["#3ba55d", "#e8912d", "#d64d7f", "#16a3b4", "#8f5bd4", "#c25b3f"];

/** The disc of a person (an initial) or of the bot (a star), `size` pixels wide. The name is always beside it. */
export function avatar(who, size = 40) {
  const initial = (who?.shown ?? who?.global_name ?? who?.username ?? "?").slice(0, 1).toUpperCase();
  const disc = who?.bot ? BOT_DISC : COLORS[Number(who?.id?.slice(-6) ?? 0) % COLORS.length];
  const style = { "--size": `${size}px`, "--disc": disc };
  return h("span.avatar.center", { style, "aria-hidden": "true" }, who?.bot ? "✦" : initial);
}

// What may be chosen, as `{ label, description, sign, id, value }`; `value` is what the server reads.

export const people = () =>
  (guild()?.members ?? [store.application, user(store.me)]).map((each) => ({
    label: each.shown,
    description: each.name,
    sign: avatar(each, 24),
    id: each.id,
    value: { user: each.id },
  }));

export const roles = () =>
  (guild()?.roles ?? []).map(({ id, name }) => ({ label: `@${name}`, id, value: { role: id } }));

export const channels = () =>
  store.channels
    .filter((each) => !each.direct && each.guild === channel()?.guild)
    .map(({ id, name }) => ({ label: `#${name}`, id, value: { channel: id } }));

/** An emoji of a server as its name; this playground has no images of them. */
export const customEmoji = (name) => h("span.custom-emoji", { title: `:${name}:` }, `:${name}:`);

/** A mention that leads nowhere. */
export const mention = (text, properties = {}) => h("span.mention", properties, text);

/** `<@id>` */
export const userMention = (id) => mention(`@${user(id)?.shown ?? "unknown-user"}`, { data: { user: id } });

/** `<@&id>` */
export const roleMention = (id) =>
  mention(`@${guild()?.roles.find((role) => role.id === id)?.name ?? "unknown-role"}`);

/** `<#id>`, which opens the channel. */
export function channelMention(id) {
  const found = store.channels.find((each) => each.id === id);
  if (!found) return mention("# unknown");
  return h("button.mention", { onclick: () => openChannel(id) }, `# ${found.name}`);
}
