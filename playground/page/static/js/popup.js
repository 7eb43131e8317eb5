// The list above the message box: commands, options, choices. The field that has the focus controls it.

import { fill, h } from "./dom.js";

const box = document.getElementById("popup");
let items = [];
let rows = [];
let at = -1; // the marked row
let field = null;
let pick = null;

/** Whether the list is on the screen with something to take. */
export const isOpen = () => !box.hidden && items.length > 0;

/**
 * Opens the list for a field. `items` are `{ label, description, sign }`; `head` is above them; `onpick(item)` is
 * called for what is taken. Nothing is marked at first with `unmarked`.
 */
export function show({ owner, title = null, items: offered, head = null, onpick, unmarked = false }) {
  field = owner;
  pick = onpick;
  items = offered;
  rows = items.map(row);
  fill(box, head, title && rows.length ? h("p.menu-title.small", title) : null, rows);
  box.hidden = !box.childElementCount;
  field.setAttribute("aria-expanded", String(isOpen()));
  mark(unmarked ? -1 : 0);
}

function row(item, index) {
  const description = item.description ? h("small.clip", item.description) : null;
  const words = h("span.words.grow", h("b.popup-label", item.label), description);
  return h(
    ".item.popup-row",
    {
      role: "option",
      id: `popup-${index}`,
      // The field keeps the focus.
      onpointerdown: (event) => event.preventDefault(),
      onclick: () => pick(item),
    },
    item.sign,
    words,
  );
}

function mark(index) {
  at = index;
  rows.forEach((element, number) => element.setAttribute("aria-selected", String(number === at)));
  field.setAttribute("aria-activedescendant", rows[at]?.id ?? "");
  rows[at]?.scrollIntoView({ block: "nearest" });
}

/** Closes the list. */
export function hide() {
  if (box.hidden) return;
  box.hidden = true;
  field.removeAttribute("aria-activedescendant");
  field.setAttribute("aria-expanded", "false");
}

/** Takes what is marked. False when nothing is. */
export function takeMarked() {
  if (!isOpen() || at < 0) return false;
  pick(items[at]);
  return true;
}

/** Moves the mark for an arrow key. False for any other key, or when the list is closed. */
export function handleArrow(event) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by || !isOpen()) return false;
  event.preventDefault();
  mark(at < 0 && by < 0 ? items.length - 1 : (at + by + items.length) % items.length);
  return true;
}
