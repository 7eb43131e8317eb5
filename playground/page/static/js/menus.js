// The menus of a message and of a person: on right click, by the menu key, or behind "…".

import { deed } from "./api.js";
import { append, h, icon, newId } from "./dom.js";
import { useCommand } from "./interactions.js";
import { notice, told } from "./notices.js";
import { mayDelete, store } from "./store.js";

const FOR_USERS = 2;
const FOR_MESSAGES = 3;

/** The menu of a message, opened where the pointer or the focus is. */
export function messageMenu(message, event) {
  const entries = [...apps(FOR_MESSAGES, { message: message.id })];
  if (message.content) entries.push({ label: "Copy Text", icon: "copy", run: () => copy(message.content) });
  entries.push({ label: "Copy Message ID", icon: "copy", run: () => copy(message.id) });
  if (message.private)
    entries.push({
      label: "Dismiss Message",
      icon: "close",
      run: () => told(() => deed("dismiss", { message: message.id })),
    });
  if (mayDelete(message)) {
    entries.push({
      label: "Delete Message",
      icon: "trash",
      danger: true,
      run: () => told(() => deed("delete", { message: message.id })),
    });
  }
  openMenu(entries, event, "Message");
}

/** The menu of a person. */
export function userMenu(id, event) {
  openMenu(
    [
      ...apps(FOR_USERS, { user: id, channel: store.channel }),
      { label: "Copy User ID", icon: "copy", run: () => copy(id) },
    ],
    event,
    "Person",
  );
}

function apps(type, target) {
  const commands = (store.commands[store.channel] ?? []).filter((command) => command.type === type);
  if (!commands.length) return [];
  const use = (command) => useCommand("menu", { command: command.name, ...target }, [], command.name);
  return [
    {
      label: "Apps",
      icon: "apps",
      entries: commands.map((command) => ({ label: command.name, app: true, run: () => use(command) })),
    },
  ];
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    notice("Copied.");
  } catch {
    notice("The browser did not allow copying.", "bad");
  }
}

let closeOpen = null;

/** Opens a menu of `{ label, icon, danger, run }` or `{ label, icon, entries }`. */
function openMenu(entries, event, label) {
  closeOpen?.();
  const before = document.activeElement;
  const menu = build(entries, label, (entry) => {
    close();
    entry.run();
  });
  const close = () => {
    if (closeOpen !== close) return;
    closeOpen = null;
    menu.remove();
    document.removeEventListener("pointerdown", outside, true);
    window.removeEventListener("blur", close);
    if (before?.isConnected) before.focus({ preventScroll: true });
  };
  const outside = (pressed) => !menu.contains(pressed.target) && close();
  closeOpen = close;
  menu.addEventListener("keydown", (pressed) => onKey(pressed, menu, close));
  document.body.append(menu);
  place(menu, event);
  document.addEventListener("pointerdown", outside, true);
  window.addEventListener("blur", close);
  menu.querySelector("[role=menuitem]")?.focus();
}

function build(entries, label, choose) {
  const menu = h("div", { class: "menu", role: "menu", "aria-label": label, id: newId("menu") });
  return append(
    menu,
    entries.map((entry) => (entry.entries ? branch(entry, choose) : leaf(entry, choose))),
  );
}

function leaf(entry, choose) {
  return h(
    "button",
    {
      type: "button",
      role: "menuitem",
      tabindex: -1,
      class: entry.danger ? "menu-item danger" : "menu-item",
      onclick: () => choose(entry),
    },
    h("span", {}, entry.label),
    entry.app ? h("span", { class: "menu-app", "aria-hidden": "true" }, "✦") : icon(entry.icon, 18),
  );
}

function branch(entry, choose) {
  const inner = build(entry.entries, entry.label, choose);
  const item = h(
    "button",
    {
      type: "button",
      role: "menuitem",
      tabindex: -1,
      class: "menu-item",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
    },
    h("span", {}, entry.label),
    icon("right", 16),
  );
  const root = h("div", { class: "menu-branch" }, item, inner);
  const show = (open) => {
    root.classList.toggle("open", open);
    item.setAttribute("aria-expanded", String(open));
    if (open) inner.classList.toggle("leftwards", item.getBoundingClientRect().right + 210 > window.innerWidth);
  };
  item.addEventListener("click", () => {
    show(true);
    inner.querySelector("[role=menuitem]").focus();
  });
  root.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && show(true));
  root.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && show(false));
  item.addEventListener("keydown", (event) => event.key === "ArrowRight" && item.click());
  inner.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "Escape") return;
    event.stopPropagation();
    event.preventDefault();
    show(false);
    item.focus();
  });
  return root;
}

function onKey(event, menu, close) {
  const level = event.target.closest("[role=menu]") ?? menu;
  const items = [...level.querySelectorAll(":scope > [role=menuitem], :scope > .menu-branch > [role=menuitem]")];
  const at = items.indexOf(document.activeElement);
  const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
  if (event.key in moves) items[(moves[event.key] + items.length) % items.length]?.focus();
  else if (event.key === "Escape" || event.key === "Tab") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function place(menu, event) {
  const box = event.currentTarget?.getBoundingClientRect?.() ?? event.target.getBoundingClientRect();
  const byPointer = event.type === "contextmenu" && (event.clientX || event.clientY);
  const x = byPointer ? event.clientX : box.right - menu.offsetWidth;
  const y = byPointer ? event.clientY : Math.max(8, box.top) + (event.type === "contextmenu" ? 24 : box.height + 4);
  menu.style.left = `${Math.max(8, Math.min(x, window.innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(y, window.innerHeight - menu.offsetHeight - 8))}px`;
}
