// One message, as its reader sees it.

import { deed } from "./api.js";
import { avatar } from "./avatars.js";
import { components } from "./components.js";
import { dots } from "./controls.js";
import { h, icon, iconButton } from "./dom.js";
import { embed } from "./embeds.js";
import { failureOf } from "./interactions.js";
import { markdown } from "./markdown.js";
import { attachments } from "./media.js";
import { messageMenu } from "./menus.js";
import { told } from "./notices.js";
import { origin } from "./origin.js";
import { store, user } from "./store.js";
import { clock, inFull, stamp } from "./times.js";

const LOADING = 1 << 7;
const LAYOUT = 1 << 15;
// Only emoji and blanks: shown large, as Discord does for up to thirty of them.
const EMOJI_ONLY =
  /^(?:\p{Extended_Pictographic}[\p{Emoji_Modifier}\u200d\ufe0f\p{Extended_Pictographic}]*\s*){1,30}$/u;

/** A message as a list item. */
export function messageItem(message) {
  const author = user(message.author.id) ?? { shown: message.author.global_name, bot: message.author.bot };
  const above = origin(message);
  const item = h(
    "li",
    {
      class: ["message", message.private && "private", mentionsMe(message) && "mentioned", above && "has-origin"]
        .filter(Boolean)
        .join(" "),
      id: `message-${message.id}`,
      tabindex: -1,
      "aria-label": `${author.shown}, ${clock(message.timestamp)}`,
      data: { id: message.id, author: message.author.id, at: Date.parse(message.timestamp) },
    },
    above,
    h(
      "div",
      { class: "gutter" },
      avatar(author),
      h("time", { class: "gutter-time", datetime: message.timestamp }, clock(message.timestamp)),
    ),
    h("div", { class: "message-body" }, header(message, author), contents(message, author)),
    toolbar(message),
  );
  item.addEventListener("contextmenu", (event) => {
    if (event.target.closest("a, input, video, [data-user]")) return;
    event.preventDefault();
    messageMenu(message, event);
  });
  return item;
}

function header(message, author) {
  return h(
    "div",
    { class: "message-head" },
    h("span", { class: author.bot ? "author" : "author person", data: { user: message.author.id } }, author.shown),
    author.bot ? h("span", { class: "app-badge" }, "APP") : null,
    h(
      "time",
      { class: "stamp", datetime: message.timestamp, title: inFull(message.timestamp) },
      stamp(message.timestamp),
    ),
  );
}

function contents(message, author) {
  if (message.flags & LOADING) return [thinking(author), privacy(message)];
  const isLayout = Boolean(message.flags & LAYOUT);
  return [
    message.content ? text(message) : null,
    isLayout
      ? h("div", { class: "layout" }, components(message.components, message), edited(message))
      : classic(message),
    failure(message),
    privacy(message),
  ];
}

function classic(message) {
  return [
    attachments(message.attachments.filter((file) => !inEmbed(file, message.embeds))),
    message.embeds.map((each) => embed(each, message)),
    h("div", { class: "rows" }, components(message.components, message)),
    message.content ? null : edited(message),
  ];
}

/** A file that an embed shows is not shown a second time. */
const inEmbed = (file, embeds) =>
  embeds.some(({ image, thumbnail }) => [image?.url, thumbnail?.url].includes(`attachment://${file.filename}`));

function text(message) {
  const large = EMOJI_ONLY.test(message.content);
  const shown = markdown(message.content, { class: large ? "content large" : "content" });
  const mark = edited(message);
  const last = shown.lastElementChild;
  if (mark) (last?.tagName === "P" ? last : shown).append(mark);
  return shown;
}

function edited(message) {
  if (!message.edited_timestamp) return null;
  return h("span", { class: "edited", title: inFull(message.edited_timestamp) }, "(edited)");
}

function thinking(author) {
  return h("p", { class: "thinking", role: "status" }, dots(), `${author.shown} is thinking…`);
}

function failure(message) {
  const words = failureOf(message.id);
  return words ? h("p", { class: "failure", role: "alert" }, words) : null;
}

function privacy(message) {
  if (!message.private) return null;
  const dismiss = () => told(() => deed("dismiss", { message: message.id }));
  return h(
    "p",
    { class: "privacy" },
    icon("eye", 16),
    "Only you can see this • ",
    h("button", { type: "button", class: "link-button", onclick: dismiss }, "Dismiss message"),
  );
}

function toolbar(message) {
  const open = (event) => messageMenu(message, event);
  return h(
    "div",
    { class: "toolbar" },
    iconButton("more", "More", open, { class: "icon-button", "aria-haspopup": "menu" }),
  );
}

const mentionsMe = (message) => message.mention_everyone || message.mentions.some((each) => each.id === store.me);
