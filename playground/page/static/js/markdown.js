// Discord's Markdown: the lines of a text become headings, lists, quotes, code blocks and paragraphs.

import { h } from "./dom.js";
import { timestamp } from "./times.js";
import { channelMention, customEmoji, mention, roleMention, userMention } from "./users.js";

const FENCE = /^```(?:([\w+#.-]+)\n)?\n?(.*?)\n?```/s;
const HEADING = /^(#{1,3})[ \t]+(\S.*?)[ \t]*#*$/;
const SUBTEXT = /^-#[ \t]+(\S.*)$/;
const QUOTE = /^(> .*(\n|$))+/;
const QUOTE_ALL = /^>>> /;
const ITEM = /^([ ]*)([-*]|\d{1,9}\.)[ ]+(\S.*)$/;

/** A text as a tree of nodes, below one <div class="markdown">. */
export function markdown(text, properties = {}) {
  return h(".markdown", properties, blocks(text));
}

/** A text on one line: styles and mentions, no blocks. For titles and labels. */
export const line = (text) => inline(text.replace(/\s*\n\s*/g, " "));

function blocks(text, quoted = false) {
  const found = [];
  let rest = text;
  let paragraph = [];
  const flush = () => {
    if (paragraph.length) found.push(h("p", inline(paragraph.join("\n"))));
    paragraph = [];
  };
  while (rest) {
    const taken = special(rest, quoted);
    if (taken) {
      flush();
      found.push(taken.node);
      rest = taken.rest;
      continue;
    }
    const [first, more] = nextLine(rest);
    // A code block may begin in the middle of a line.
    const fence = first.indexOf("```");
    if (fence > 0 && FENCE.test(rest.slice(fence))) {
      paragraph.push(rest.slice(0, fence));
      rest = rest.slice(fence);
      continue;
    }
    paragraph.push(first);
    rest = more;
  }
  flush();
  return found;
}

function special(rest, quoted) {
  const fence = FENCE.exec(rest);
  if (fence?.[2].trim()) {
    const data = fence[1] ? { language: fence[1] } : {};
    return { node: h("pre", { data }, h("code", fence[2])), rest: rest.slice(fence[0].length).replace(/^\n/, "") };
  }
  if (!quoted && QUOTE_ALL.test(rest)) return { node: quote(rest.replace(QUOTE_ALL, "")), rest: "" };
  const [first, more] = nextLine(rest);
  const heading = HEADING.exec(first);
  if (heading) return { node: h(`h${heading[1].length}`, inline(heading[2])), rest: more };
  const small = SUBTEXT.exec(first);
  if (small) return { node: h("p.subtext", inline(small[1])), rest: more };
  const lines = quoted ? null : QUOTE.exec(rest);
  if (lines) return { node: quote(lines[0].replace(/^> /gm, "").trimEnd()), rest: rest.slice(lines[0].length) };
  return ITEM.test(first) ? list(rest) : null;
}

function nextLine(text) {
  const end = text.indexOf("\n");
  return end < 0 ? [text, ""] : [text.slice(0, end), text.slice(end + 1)];
}

const quote = (text) => h("blockquote", blocks(text, true));

/** Items in a row; deeper ones make a list in the item before them. */
function list(text) {
  const items = [];
  let rest = text;
  while (rest) {
    const [first, more] = nextLine(rest);
    const match = ITEM.exec(first);
    const number = Number.parseInt(match?.[2], 10);
    const numbered = !Number.isNaN(number);
    const item = match && { depth: Math.floor(match[1].length / 2), numbered, number, text: match[3] };
    // Another kind of mark at the outermost depth begins another list.
    if (!item || (items.length && item.depth <= items[0].depth && item.numbered !== items[0].numbered)) break;
    items.push(item);
    rest = more;
  }
  return { node: listOf(items), rest };
}

function listOf(items) {
  const { depth, numbered, number } = items[0];
  const root = numbered ? h("ol", { start: number }) : h("ul");
  let index = 0;
  while (index < items.length) {
    const item = h("li", inline(items[index].text));
    index += 1;
    const inner = [];
    while (index < items.length && items[index].depth > depth) inner.push(items[index++]);
    if (inner.length) item.append(listOf(inner));
    root.append(item);
  }
  return root;
}

// Within a line: styles, code, links, mentions, timestamps, emoji.

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
function inline(text, depth = 0) {
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
