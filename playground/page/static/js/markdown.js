// Discord's Markdown: the lines of a text become headings, lists, quotes, code blocks and paragraphs.

import { h } from "./dom.js";
import { inline } from "./inline.js";

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
