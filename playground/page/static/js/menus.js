// The menus of a message and of a person: on right click, by the menu key, or behind "…".

import { orNotice, send, useCommand } from "./api.js";
import { h, icon, moveFocus } from "./dom.js";
import { mayDelete, store } from "./store.js";

const FOR_USERS = 2;
const FOR_MESSAGES = 3;

/** The menu of a message, opened where the pointer or the focus is. */
export function messageMenu(message, event) {
  const remove = () => orNotice(send("delete", { message: message.id }));
  openMenu("Message", event, [
    ...apps(FOR_MESSAGES, { message: message.id }),
    mayDelete(message) && { label: "Delete Message", sign: icon("trash", 18), danger: true, run: remove },
  ]);
}

/** The menu of a person on a message; of the message, where there are no commands for people. */
export function personMenu(id, message, event) {
  const entries = apps(FOR_USERS, { user: id, channel: store.channel });
  if (entries.length) openMenu("Person", event, entries);
  else messageMenu(message, event);
}

function apps(type, target) {
  const commands = (store.commands[store.channel] ?? []).filter((command) => command.type === type);
  const entries = commands.map(({ name }) => ({
    label: name,
    sign: h("span.link-button", { "aria-hidden": "true" }, "✦"),
    run: () => useCommand("menu", { command: name, ...target }, name),
  }));
  return entries.length ? ["Apps", ...entries] : [];
}

/** Opens a menu of `{ label, description, sign, checked, danger, run }`; a text among them is a heading. */
export function openMenu(label, event, entries) {
  const before = document.activeElement;
  const ended = new AbortController();
  const close = () => {
    ended.abort();
    menu.remove();
    before?.focus({ preventScroll: true });
  };
  const choose = (entry) => () => {
    close();
    entry.run();
  };
  const row = (entry) => (entry.run ? item(entry, choose(entry)) : h("p.menu-title.small", entry));
  const shown = entries.filter(Boolean).map(row);
  const menu = h(".menu.floating", { popover: "manual", role: "menu", "aria-label": label }, shown);
  const items = [...menu.querySelectorAll("button")];
  if (!items.length) return;
  menu.addEventListener("keydown", (pressed) => {
    pressed.stopPropagation();
    if (!["Escape", "Tab"].includes(pressed.key)) return moveFocus(pressed, items);
    pressed.preventDefault();
    close();
  });
  const outside = ({ target }) => menu.contains(target) || close();
  document.addEventListener("pointerdown", outside, { capture: true, signal: ended.signal });
  window.addEventListener("blur", close, { signal: ended.signal });
  document.body.append(menu);
  menu.showPopover();
  place(menu, event, (event.type === "click" ? event.currentTarget : event.target).getBoundingClientRect());
  (items.find((each) => each.ariaChecked === "true") ?? items[0]).focus();
}

function item({ label, description, sign, checked, danger, run }, onclick) {
  const role = checked === undefined ? "menuitem" : "menuitemradio";
  const about = { role, "aria-checked": checked === undefined ? null : String(checked), tabindex: -1, data: { label } };
  const words = h("span.words.grow", h("span", label), description ? h("small", description) : null);
  const inside = checked === undefined ? [words, sign] : [sign, words, checked ? icon("check", 18) : null];
  return h("button.item", { class: danger && "bad", onclick, ...about }, inside);
}

/** Puts a menu at the pointer, or below what opened it by key; always within the window. */
function place(menu, { clientX, clientY }, box) {
  const [x, y] = clientX || clientY ? [clientX, clientY] : [box.left, box.bottom + 4];
  const within = (wanted, most) => `${Math.max(8, Math.min(wanted, most - 8))}px`;
  menu.style.left = within(x, window.innerWidth - menu.offsetWidth);
  menu.style.top = within(y, window.innerHeight - menu.offsetHeight);
}
