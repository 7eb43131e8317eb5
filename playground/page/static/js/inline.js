// Discord's Markdown within a line: styles, code, links, mentions, timestamps, emoji.

import { h } from "./dom.js";
import { channelMention, commandMention, customEmoji, everyoneMention, roleMention, userMention } from "./mentions.js";
import { timestamp } from "./times.js";

// What a link may point to; anything else stays text.
const SCHEMES = /^(https?|discord):\/\//i;
const DEEPEST = 12;

// Tried in this order at each place; the first that fits is taken. `find` is sticky.
const RULES = [
  { find: /\\([^\p{L}\p{N}\s])/uy, make: (match) => match[1] },
  {
    find: /(`{1,2})([^`](?:.*?[^`])?|[^`])\1(?!`)/sy,
    make: (match) => h("code", {}, match[2].replace(/^ (.*`.*) $/s, "$1")),
  },
  { find: /<t:(-?\d{1,13})(?::([tTdDfFRsS]))?>/y, make: (match) => timestamp(Number(match[1]), match[2] ?? "f") },
  { find: /<@!?(\d+)>/y, make: (match) => userMention(match[1]) },
  { find: /<#(\d+)>/y, make: (match) => channelMention(match[1]) },
  { find: /<@&(\d+)>/y, make: (match) => roleMention(match[1]) },
  { find: /<\/([^:<>\n]{1,100}):(\d+)>/y, make: (match) => commandMention(match[1]) },
  { find: /<a?:(\w{2,32}):(\d+)>/y, make: (match) => customEmoji(match[1]) },
  { find: /@(everyone|here)\b/y, make: (match) => everyoneMention(match[1]) },
  { find: /<(https?:\/\/[^\s<>]+)>/y, make: (match) => link(match[1], [match[1]]) },
  {
    find: /\[((?:[^[\]\\]|\\.|\[[^[\]]*\])+)\]\(<?([^\s<>()]+(?:\([^\s<>()]*\)[^\s<>()]*)*)>?(?:\s+"([^"]*)")?\)/y,
    make: maskedLink,
  },
  { find: /https?:\/\/[^\s<>]*[^\s<>.,:;"')\]!?*_~|]/y, make: (match) => link(match[0], [match[0]]) },
  {
    find: /\*\*\*((?:[^*\\]|\\.)+?)\*\*\*(?!\*)/sy,
    make: (match, deeper) => h("strong", {}, h("em", {}, deeper(match[1]))),
  },
  {
    find: /\*\*((?:\\.|(?!\*\*)[^\\]|\*\*\*)+?)\*\*(?!\*)/sy,
    make: (match, deeper) => h("strong", {}, deeper(match[1])),
  },
  { find: /__((?:\\.|(?!__)[^\\])+?)__(?!_)/sy, make: (match, deeper) => h("u", {}, deeper(match[1])) },
  { find: /~~((?:\\.|(?!~~)[^\\])+?)~~/sy, make: (match, deeper) => h("s", {}, deeper(match[1])) },
  { find: /\|\|((?:\\.|(?!\|\|)[^\\])+?)\|\|/sy, make: (match, deeper) => spoiler(deeper(match[1])) },
  { find: /\*(?=\S)((?:\\.|\*\*|[^*\\])+?)(?<!\s)\*(?!\*)/sy, make: (match, deeper) => h("em", {}, deeper(match[1])) },
  {
    find: /_((?:\\.|__|[^_\\])+?)_(?![\p{L}\p{N}_])/suy,
    inWord: false,
    make: (match, deeper) => h("em", {}, deeper(match[1])),
  },
];

/** Nodes and strings for one stretch of text; line breaks become <br>. */
export function inline(text, depth = 0) {
  const parts = [];
  let plain = "";
  let at = 0;
  const flush = () => {
    if (plain) parts.push(...lines(plain));
    plain = "";
  };
  while (at < text.length) {
    const made = depth < DEEPEST ? take(text, at, depth) : null;
    if (!made) {
      plain += text[at];
      at += 1;
      continue;
    }
    if (typeof made.part === "string") plain += made.part;
    else {
      flush();
      parts.push(made.part);
    }
    at += made.length;
  }
  flush();
  return parts;
}

function take(text, at, depth) {
  // Plain letters are most of every text: no rule begins with one, but for a link.
  if (/[\p{L}\p{N}\s]/u.test(text[at]) && text[at] !== "h") return null;
  for (const rule of RULES) {
    if (rule.inWord === false && at > 0 && /[\p{L}\p{N}_]/u.test(text[at - 1])) continue;
    rule.find.lastIndex = at;
    const match = rule.find.exec(text);
    if (!match) continue;
    const part = rule.make(match, (inner) => inline(inner, depth + 1));
    if (part !== null) return { part, length: match[0].length };
  }
  return null;
}

function lines(text) {
  return text
    .split("\n")
    .flatMap((line, index) => (index ? [h("br"), line] : [line]))
    .filter((part) => part !== "");
}

function link(address, shown, title = null) {
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer", title: title ?? address }, shown);
}

function maskedLink(match, deeper) {
  const [, shown, address, title] = match;
  return SCHEMES.test(address) ? link(address, deeper(shown), title) : null;
}

/** Covered until it is clicked, or opened with the keyboard. */
function spoiler(content) {
  const open = (event) => {
    if (cover.classList.contains("open")) return;
    event.preventDefault();
    event.stopPropagation();
    cover.classList.add("open");
    cover.removeAttribute("role");
    cover.removeAttribute("tabindex");
    cover.removeAttribute("aria-label");
    inside.removeAttribute("aria-hidden");
  };
  const inside = h("span", { class: "spoiler-text", "aria-hidden": "true" }, content);
  const onkeydown = (event) => ["Enter", " "].includes(event.key) && open(event);
  const cover = h(
    "span",
    { class: "spoiler", role: "button", tabindex: 0, "aria-label": "Spoiler", onclick: open, onkeydown },
    inside,
  );
  return cover;
}
