// The messages of the channel on the screen, oldest first; the list stays at its end while it is scrolled there.

import { localCommands } from "./api.js";
import { fill, h, icon, moveFocus } from "./dom.js";
import { messageMenu, personMenu } from "./menus.js";
import { commandItem, messageItem } from "./message.js";
import { on, store } from "./store.js";

const AT_END_PX = 80;

const scroller = document.getElementById("scroller");
const list = document.getElementById("messages");
const dismissed = new Set(); // rows of refused requests that are no longer shown
let outdated = new Set(); // ids of messages to draw again when no select menu is open in them
let atEnd = true;

/** Shows the messages from now on. */
export function startChat() {
  on("state channel", drawAll);
  on("message", (message) => message.channel_id === store.channel && put(message));
  on("deleted", remove);
  on("redraw", redraw);
  on("local", drawLocal);
  on("row", (row) => row.refusal && drawLocal());
  on("select-closed", () => [...outdated].forEach(redraw));
  list.addEventListener("keydown", onKey);
  list.addEventListener("contextmenu", onContextMenu);
  list.addEventListener("load", keepEnd, true);
  const sizes = new ResizeObserver(keepEnd);
  sizes.observe(list);
  sizes.observe(scroller);
  scroller.addEventListener("scroll", () => {
    atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < AT_END_PX;
  });
}

function toEnd() {
  atEnd = true;
  scroller.scrollTop = scroller.scrollHeight;
}

function keepEnd() {
  if (atEnd) toEnd();
}

const shown = () => [...(store.messages.get(store.channel)?.values() ?? [])];

function drawAll() {
  outdated = new Set();
  const hint = h("li.hint.muted", "Type / to see what the bot can do: begin with /imagine.");
  fill(list, hint, shown().map(messageItem));
  drawLocal();
  toEnd();
}

/** Adds a new message, or replaces a changed one. */
function put(message) {
  const old = document.getElementById(`message-${message.id}`);
  if (old?.querySelector(":popover-open")) {
    outdated.add(message.id);
    return;
  }
  outdated.delete(message.id);
  const item = messageItem(message);
  if (old) exchange(old, item);
  else list.insertBefore(item, list.querySelector("li.local"));
  keepEnd();
}

function redraw(id) {
  const message = store.messages.get(store.channel)?.get(id);
  if (message) put(message);
}

function remove(id) {
  document.getElementById(`message-${id}`)?.remove();
  // What answered to it now says that it is gone.
  for (const each of shown()) if (each.message_reference?.message_id === id) put(each);
}

/** Replaces a message by its newer self; images that stay are not loaded again, the focus stays where it is. */
function exchange(old, item) {
  for (const media of item.querySelectorAll("img[src], video[src]")) {
    const same = old.querySelector(`${media.tagName}[src="${CSS.escape(media.getAttribute("src"))}"]`);
    if (!same) continue;
    same.setAttribute("alt", media.getAttribute("alt") ?? "");
    media.replaceWith(same);
  }
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceWith(item);
  if (!focused) return;
  const key = focused.dataset.key;
  const again = key && item.querySelector(`[data-key="${CSS.escape(key)}"]:not(:disabled)`);
  (again || item).focus({ preventScroll: true });
}

/** What only this page shows: commands under way or without an answer, and what Discord refused. */
function drawLocal() {
  for (const item of list.querySelectorAll("li.local")) item.remove();
  const isShown = (row) => row.refusal && !dismissed.has(row.row);
  const refused = [...store.rows.values()].filter(isShown).slice(-3);
  list.append(...localCommands(store.channel).map(commandItem), ...refused.map(refusalItem));
  keepEnd();
}

function refusalItem({ row, refusal, title, text }) {
  const onclick = () => {
    dismissed.add(row);
    drawLocal();
  };
  const words = [h("b", "Discord refused this: "), `${refusal.message} · ${title} ${text}`];
  const reasons = refusal.reasons.map((reason) => h("li", reason));
  return h(
    "li.message.local.refusal",
    { role: "alert" },
    h(".gutter.bad", icon("warning", 24)),
    h(".message-body.grow", h("p", words), h("ul", reasons), h("button.link-button", { onclick }, "Dismiss")),
  );
}

const items = () => [...list.querySelectorAll("li.message[data-id]")];

/** Up and down lead from message to message, Escape back to writing. */
function onKey(event) {
  const isMessage = event.target.matches("li.message");
  if (isMessage && ["ArrowUp", "ArrowDown"].includes(event.key)) moveFocus(event, items());
  if (event.key === "Escape") document.getElementById("text").focus();
}

function onContextMenu(event) {
  if (event.target.closest("a, input, video")) return;
  const person = event.target.closest("[data-user]")?.dataset.user;
  const message = store.messages.get(store.channel)?.get(event.target.closest("li.message")?.dataset.id);
  if (!message) return;
  event.preventDefault();
  if (person) personMenu(person, message, event);
  else messageMenu(message, event);
}
