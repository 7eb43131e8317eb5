// Discord's Markdown within a line: styles, code, links, mentions, timestamps, emoji.

import { h } from "./dom.js";
import { timestamp } from "./times.js";
import { channelMention, customEmoji, mention, roleMention, userMention } from "./users.js";

// What a link may point to; anything else stays text.
const SCHEMES = /^(https?|discord):\/\//i;
const DEEPEST = 12;

// A style that may contain other styles: `tag` around what the expression finds between the marks.
const styled = (tag, find, more = {}) => ({ find, make: (match, deeper) => h(tag, deeper(match[1])), ...more });

// Tried in this order at each place; the first that fits is taken. `find` is sticky.
const RULES = [
  { find: /\\([^\p{L}\p{N}\s])/uy, make: (match) => match[1] },
  {
    find: /(`{1,2})([^`](?:.*?[^`])?|[^`])\1(?!`)/sy,
    make: (match) => h("code", match[2].replace(/^ (.*`.*) $/s, "$1")),
  },
  { find: /<t:(-?\d{1,13})(?::([tTdDfFRsS]))?>/y, make: (match) => timestamp(Number(match[1]), match[2] ?? "f") },
  { find: /<@!?(\d+)>/y, make: (match) => userMention(match[1]) },
  { find: /<#(\d+)>/y, make: (match) => channelMention(match[1]) },
  { find: /<@&(\d+)>/y, make: (match) => roleMention(match[1]) },
  { find: /<\/([^:<>\n]{1,100}):(\d+)>/y, make: (match) => mention(`/${match[1]}`) },
  { find: /<a?:(\w{2,32}):(\d+)>/y, make: (match) => customEmoji(match[1]) },
  { find: /@(everyone|here)\b/y, make: (match) => mention(match[0]) },
  { find: /<(https?:\/\/[^\s<>]+)>/y, make: (match) => link(match[1], match[1]) },
  {
    find: /\[((?:[^[\]\\]|\\.|\[[^[\]]*\])+)\]\(<?([^\s<>()]+(?:\([^\s<>()]*\)[^\s<>()]*)*)>?(?:\s+"([^"]*)")?\)/y,
    make: ([, shown, address, title], deeper) => (SCHEMES.test(address) ? link(address, deeper(shown), title) : null),
  },
  { find: /https?:\/\/[^\s<>]*[^\s<>.,:;"')\]!?*_~|]/y, make: (match) => link(match[0], match[0]) },
  { find: /\*\*\*((?:[^*\\]|\\.)+?)\*\*\*(?!\*)/sy, make: (match, deeper) => h("strong", h("em", deeper(match[1]))) },
  styled("strong", /\*\*((?:\\.|(?!\*\*)[^\\]|\*\*\*)+?)\*\*(?!\*)/sy),
  styled("u", /__((?:\\.|(?!__)[^\\])+?)__(?!_)/sy),
  styled("s", /~~((?:\\.|(?!~~)[^\\])+?)~~/sy),
  { find: /\|\|((?:\\.|(?!\|\|)[^\\])+?)\|\|/sy, make: (match, deeper) => spoiler(deeper(match[1])) },
  styled("em", /\*(?=\S)((?:\\.|\*\*|[^*\\])+?)(?<!\s)\*(?!\*)/sy),
  styled("em", /_((?:\\.|__|[^_\\])+?)_(?![\p{L}\p{N}_])/suy, { inWord: false }),
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
    const { part, length } = (depth < DEEPEST && take(text, at, depth)) || { part: text[at], length: 1 };
    if (typeof part === "string") plain += part;
    else {
      flush();
      parts.push(part);
    }
    at += length;
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

const lines = (text) => text.split("\n").flatMap((line, index) => (index ? [h("br"), line] : [line]));

/** A link that leads out of this page. */
export const link = (address, shown, title = address) =>
  h("a", { href: address, target: "_blank", rel: "noopener noreferrer", title }, shown);

/** Covered until it is clicked, or opened with the keyboard. */
function spoiler(content) {
  const open = (event) => {
    if (cover.matches(".open") || (event.key && ![" ", "Enter"].includes(event.key))) return;
    event.preventDefault();
    event.stopPropagation();
    cover.classList.add("open");
    for (const name of ["role", "tabindex", "aria-label"]) cover.removeAttribute(name);
    text.removeAttribute("aria-hidden");
  };
  const text = h("span.spoiler-text", { "aria-hidden": "true" }, content);
  const properties = { role: "button", tabindex: 0, "aria-label": "Spoiler", onclick: open, onkeydown: open };
  const cover = h("span.spoiler", properties, text);
  return cover;
}
