// One message, as its reader sees it.

import { dismissLocal, isFailed, orNotice, send } from "./api.js";
import { components, dots, embed } from "./components.js";
import { h, icon, iconButton } from "./dom.js";
import { markdown } from "./markdown.js";
import { attachments } from "./media.js";
import { messageMenu } from "./menus.js";
import { store, user } from "./store.js";
import { clock, inFull, stamp } from "./times.js";
import { avatar, mention } from "./users.js";

// Types of messages.
const CHAT_COMMAND = 20;
const CONTEXT_MENU = 23;

// Flags.
const LOADING = 1 << 7;
const LAYOUT = 1 << 15;

/** A message as a list item. */
export function messageItem(message) {
  const { id, timestamp, author: sent } = message;
  const author = user(sent.id) ?? { shown: sent.global_name, bot: sent.bot };
  const mentionsMe = message.mention_everyone || message.mentions.some((each) => each.id === store.me);
  const item = frame(author, timestamp, contextLine(message), contents(message, author), {
    class: [message.private && "private", mentionsMe && "mentioned"],
    id: `message-${id}`,
    tabindex: -1,
    "aria-label": `${author.shown}, ${clock(timestamp)}`,
    data: { id },
  });
  const more = { class: "toolbar", "aria-haspopup": "menu" };
  item.append(iconButton("more", "More", (event) => messageMenu(message, event), more));
  return item;
}

/** A command that is under way or got no answer, as a list item. */
export function commandItem({ id, command, failed }) {
  const words = failed
    ? [h("p.failure.mistake", { role: "alert" }, "The application did not respond"), privacy(() => dismissLocal(id))]
    : waitingLine("Sending command…");
  const [, slash, name] = command.match(/^(\/?)(.*)$/);
  const above = usedLine({ id: store.me }, name, slash ? 1 : 3);
  return frame(store.application, Date.now(), above, words, { class: ["local", failed && "private"] });
}

function frame(author, time, above, contents, properties) {
  const name = h("b.author", { data: { user: author.id } }, author.shown);
  const badge = author.bot ? h("span.badge", "APP") : null;
  const head = h(".message-head.line", name, badge, h("time.small", { title: inFull(time) }, stamp(time)));
  return h(
    "li.message",
    properties,
    above,
    h(".gutter", avatar(author)),
    h(".message-body.grow", head, contents),
  );
}

function contents(message, author) {
  const secret = message.private ? privacy(() => orNotice(send("dismiss", { message: message.id }))) : null;
  if (message.flags & LOADING) return [waitingLine(`${author.shown} is thinking…`), secret];
  return [
    message.content ? text(message) : null,
    message.flags & LAYOUT ? h(".layout.column", components(message.components, message)) : classic(message),
    message.content ? null : edited(message),
    isFailed(message.id) ? h("p.failure.mistake", { role: "alert" }, "This interaction failed") : null,
    secret,
  ];
}

function classic(message) {
  // A file that an embed shows is not shown a second time.
  const inEmbeds = message.embeds.flatMap(({ image, thumbnail }) => [image?.url, thumbnail?.url]);
  return [
    attachments(message.attachments.filter((file) => !inEmbeds.includes(`attachment://${file.filename}`))),
    message.embeds.map((each) => embed(each, message)),
    h(".rows.column", components(message.components, message)),
  ];
}

function text(message) {
  const shown = markdown(message.content, { class: "content" });
  const end = shown.querySelector("p:last-child") ?? shown;
  if (message.edited_timestamp) end.append(" ", edited(message));
  return shown;
}

function edited({ edited_timestamp: time }) {
  return time ? h("span.edited.small", { title: inFull(time) }, "(edited)") : null;
}

const waitingLine = (words) => h("p.thinking.line.muted", { role: "status" }, dots(), words);

function privacy(onclick) {
  const dismiss = h("button.link-button", { onclick }, "Dismiss message");
  return h("p.privacy.line.small", icon("eye", 16), "Only you can see this •", dismiss);
}

/** The line above a message: who used which command, or what it answers. Null for most. */
function contextLine({ type, interaction_metadata: used, message_reference: reference }) {
  if ([CHAT_COMMAND, CONTEXT_MENU].includes(type) && used) return usedLine(used.user, used.name, used.command_type);
  return reference ? replyLine(reference) : null;
}

/** "Ada used /imagine" */
function usedLine(who, name, commandType = 1) {
  return withPerson(who, "used", mention(commandType === 1 ? `/${name}` : name));
}

function withPerson(who, ...rest) {
  const person = user(who.id) ?? { ...who, shown: who.global_name };
  return contextOf(avatar(person, 16), h("b", person.shown), rest);
}

const contextOf = (...parts) => h(".context.line.small", parts);

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
