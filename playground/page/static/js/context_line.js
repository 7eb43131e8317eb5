// The line above a message: who used which command, or to which message it answers.

import { h } from "./dom.js";
import { markdown } from "./markdown.js";
import { store, user } from "./store.js";
import { avatar, mention } from "./users.js";

const CHAT_COMMAND = 20;
const CONTEXT_MENU = 23;

/** The line, or null for a message that has none. */
export function contextLine({ type, interaction_metadata: used, message_reference: reference }) {
  if ([CHAT_COMMAND, CONTEXT_MENU].includes(type) && used) return usedLine(used.user, used.name, used.command_type);
  return reference ? replyLine(reference) : null;
}

/** "Ada used /imagine" */
export function usedLine(who, name, commandType = 1) {
  return withPerson(who, "used", mention(commandType === 1 ? `/${name}` : name));
}

function withPerson(who, ...rest) {
  const person = user(who.id) ?? { ...who, shown: who.global_name };
  return contextOf(avatar(person, 16), h("b", person.shown), rest);
}

const contextOf = (...parts) => h(".context.line.small", h("span.spine"), parts);

function replyLine({ channel_id: channel, message_id: id }) {
  const replied = store.messages.get(channel)?.get(id);
  if (!replied) return contextOf(h("i", "Original message was deleted"));
  return withPerson(replied.author, h("a.context-text.clip.small", { href: `#message-${id}` }, excerpt(replied)));
}

function excerpt({ content, components = [] }) {
  const text = content || texts(components)[0] || "";
  const first = text.split("\n").find((each) => each.trim());
  return first ? markdown(first.slice(0, 200)).textContent : "Click to see attachment";
}

const texts = (list) => list.flatMap((each) => each.content ?? texts(each.components ?? []));
