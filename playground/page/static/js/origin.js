// The line above a message: who used which command, or to which message it answers.

import { avatar } from "./avatars.js";
import { h } from "./dom.js";
import { line } from "./markdown.js";
import { store, tell, user } from "./store.js";

const CHAT_COMMAND = 20;
const CONTEXT_MENU = 23;

/** The line, or null for a message that stands by itself. */
export function origin(message) {
  const used = message.interaction_metadata;
  if ((message.type === CHAT_COMMAND || message.type === CONTEXT_MENU) && used) return usedLine(used);
  return message.message_reference ? replyLine(message) : null;
}

/** "ada used /imagine" */
export function usedLine({ user: who, name, command_type: kind }) {
  const person = user(who.id) ?? { ...who, shown: who.global_name, name: who.username };
  const chip = h("span", { class: "command-chip" }, kind === 1 || kind === undefined ? `/${name}` : name);
  return h(
    "div",
    { class: "origin" },
    h("span", { class: "spine" }),
    avatar(person, 16),
    h("span", { class: "origin-name" }, person.shown),
    "used",
    chip,
  );
}

function replyLine(message) {
  const { channel_id: channel, message_id: id } = message.message_reference;
  const replied = store.messages.get(channel)?.get(id);
  if (!replied)
    return h("div", { class: "origin" }, h("span", { class: "spine" }), h("i", {}, "Original message was deleted"));
  const author = user(replied.author.id) ?? { shown: replied.author.global_name };
  const go = h("button", { type: "button", class: "origin-text", onclick: () => tell("go-to", id) }, excerpt(replied));
  return h(
    "div",
    { class: "origin" },
    h("span", { class: "spine" }),
    avatar(author, 16),
    h("span", { class: "origin-name" }, author.shown),
    go,
  );
}

function excerpt(message) {
  const text = message.content || firstText(message.components ?? []);
  if (!text) return "Click to see attachment";
  const first = text.split("\n").find((each) => each.trim()) ?? "";
  const shown = line(first.replace(/^(#{1,3}|-#|>>>|>)\s+/, "").slice(0, 200));
  return shown.map((part) => part.textContent ?? part).join("");
}

function firstText(list) {
  for (const component of list) {
    const found = component.type === 10 ? component.content : firstText(component.components ?? []);
    if (found) return found;
  }
  return null;
}
