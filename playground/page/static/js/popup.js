// The list above the message box: commands, options, choices. The field that has the focus steers it.

import { append, fill, h } from "./dom.js";

const box = document.getElementById("popup");
let items = [];
let at = 0;
let field = null;
let pick = null;

/** Whether the list is open with something to take. */
export const isOpen = () => !box.hidden && items.length > 0;

/** The entry that is marked; undefined when there is none. */
export const marked = () => (isOpen() ? items[at] : undefined);

/**
 * Opens the list for a field. `groups` are `{ title, items }` with items `{ label, description, sign, note }`; `head`
 * is what stands above them; `onpick(item)` is called for what is taken. Nothing is marked at first with `unmarked`.
 */
export function show({ owner, groups, head = null, onpick, unmarked = false }) {
  field = owner;
  pick = onpick;
  items = groups.flatMap((group) => group.items);
  at = unmarked ? -1 : 0;
  fill(box, head);
  let number = 0;
  for (const group of groups) {
    if (!group.items.length) continue;
    append(box, group.title ? h("div", { class: "popup-title" }, group.title) : null);
    for (const item of group.items) append(box, row(item, number++));
  }
  box.hidden = !box.childElementCount;
  field.setAttribute("aria-expanded", String(items.length > 0));
  mark(at);
}

function row(item, number) {
  const element = h(
    "div",
    { class: "popup-row", role: "option", id: `popup-${number}`, data: { name: item.label } },
    item.sign ? h("span", { class: "popup-sign" }, item.sign) : null,
    h(
      "span",
      { class: "popup-words" },
      h("span", { class: "popup-label" }, item.label),
      item.description ? h("span", { class: "popup-description" }, item.description) : null,
    ),
    item.note ? h("span", { class: "popup-note" }, item.note) : null,
  );
  // The field keeps the focus.
  element.addEventListener("pointerdown", (event) => event.preventDefault());
  element.addEventListener("click", () => pick(item));
  element.addEventListener("pointermove", () => number !== at && mark(number, false));
  return element;
}

function mark(index, scroll = true) {
  at = index;
  const rows = [...box.querySelectorAll(".popup-row")];
  rows.forEach((element, number) => {
    element.classList.toggle("active", number === at);
    element.setAttribute("aria-selected", String(number === at));
  });
  if (at >= 0 && rows[at]) {
    field.setAttribute("aria-activedescendant", rows[at].id);
    if (scroll) rows[at].scrollIntoView({ block: "nearest" });
  } else field.removeAttribute("aria-activedescendant");
}

/** Closes the list. */
export function hide() {
  if (box.hidden) return;
  box.hidden = true;
  items = [];
  field?.removeAttribute("aria-activedescendant");
  field?.setAttribute("aria-expanded", "false");
}

/** Takes what is marked. False when nothing is. */
export function takeMarked() {
  const item = marked();
  if (!item) return false;
  pick(item);
  return true;
}

/** Moves the mark for an arrow key. False when there is nothing to move through. */
export function steer(event) {
  if (!isOpen()) return false;
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by) return false;
  event.preventDefault();
  mark(at < 0 && by < 0 ? items.length - 1 : (at + by + items.length) % items.length);
  return true;
}
