// The messages of the channel on the screen: in order, grouped, kept at the end while one is at the end.

import { avatar } from "./avatars.js";
import { dots } from "./controls.js";
import { fill, h, icon } from "./dom.js";
import { dismissLocal, localEntries, silence } from "./interactions.js";
import { userMenu } from "./menus.js";
import { messageItem } from "./message.js";
import { usedLine } from "./origin.js";
import { channel, guild, on, store } from "./store.js";
import { clock, day } from "./times.js";

// Messages of one author within this time stand together (Discord's own measure).
const TOGETHER = 7 * 60 * 1000;
const AT_END = 80;

const scroller = document.getElementById("scroller");
const list = document.getElementById("messages");
let dropped = []; // ids of notices that were closed
let stale = new Set(); // ids of messages to draw once no list is open in them

/** Begins to show messages. */
export function startChat() {
  on("state", drawAll);
  on("channel", drawAll);
  on("message", ({ message }) => message.channel_id === store.channel && put(message));
  on("gone", (message) => remove(message));
  on("redraw", (id) => redraw(id));
  on("local", drawLocal);
  on("row", ({ row }) => row.refusal && drawLocal());
  on("released", () => [...stale].forEach(redraw));
  on("go-to", goTo);
  list.addEventListener("keydown", walk);
  list.addEventListener("contextmenu", onPerson);
  list.addEventListener("load", () => keepEnd(), true);
  new ResizeObserver(() => keepEnd()).observe(list);
  new ResizeObserver(() => keepEnd()).observe(scroller);
  scroller.addEventListener("scroll", () => {
    atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < AT_END;
    document.getElementById("to-end").hidden = atEnd;
  });
  document.getElementById("to-end").addEventListener("click", () => toEnd());
}

let atEnd = true;

function toEnd() {
  atEnd = true;
  scroller.scrollTop = scroller.scrollHeight;
}

const keepEnd = () => atEnd && toEnd();

function drawAll() {
  stale = new Set();
  const shelf = [...(store.messages.get(store.channel)?.values() ?? [])].sort((a, b) => order(a.id, b.id));
  fill(list, welcome(), shelf.map(messageItem));
  regroup();
  drawLocal();
  toEnd();
}

function welcome() {
  const here = channel();
  if (!here) return null;
  const sign = here.direct ? avatar(store.application, 68) : h("span", { class: "welcome-sign" }, icon("hash", 42));
  const title = here.direct ? store.application.shown : `Welcome to #${here.name}!`;
  const words = here.direct
    ? `This is the beginning of your direct messages with ${store.application.shown}.`
    : `This is the start of #${here.name} of ${guild()?.name}. Type / to see what the bot can do: begin with /imagine.`;
  return h("li", { class: "welcome" }, sign, h("h2", {}, title), h("p", {}, words));
}

/** Puts a message in its place, new or changed. */
function put(message) {
  const old = document.getElementById(`message-${message.id}`);
  if (old?.querySelector('[aria-expanded="true"]')) {
    stale.add(message.id);
    return;
  }
  stale.delete(message.id);
  const item = messageItem(message);
  if (old) exchange(old, item);
  else insert(item, message.id);
  regroup();
  keepEnd();
}

function redraw(id) {
  const message = store.messages.get(store.channel)?.get(id);
  if (message) put(message);
}

function remove(message) {
  document.getElementById(`message-${message.id}`)?.remove();
  // Who answered to it now says that it is gone.
  for (const each of store.messages.get(store.channel)?.values() ?? []) {
    if (each.message_reference?.message_id === message.id) put(each);
  }
  regroup();
}

function insert(item, id) {
  const after = [...list.querySelectorAll("li.message[data-id]")].find((each) => order(each.dataset.id, id) > 0);
  list.insertBefore(item, after ?? list.querySelector("li.local"));
}

/** Replaces a message by its newer self; pictures that stay are not loaded again, the focus stays where it is. */
function exchange(old, item) {
  for (const media of item.querySelectorAll("img[src], video[src]")) {
    const same = [...old.querySelectorAll(media.tagName)].find(
      (each) => each.getAttribute("src") === media.getAttribute("src"),
    );
    if (!same || !same.isConnected) continue;
    same.setAttribute("alt", media.getAttribute("alt") ?? "");
    media.replaceWith(same);
  }
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const open = [...old.querySelectorAll(".spoiler")].map((each) => each.classList.contains("open"));
  const key = focused?.dataset.key;
  old.replaceWith(item);
  [...item.querySelectorAll(".spoiler")].forEach((each, index) => open[index] && each.click());
  if (!focused) return;
  const again = key ? item.querySelector(`[data-key="${CSS.escape(key)}"]`) : item;
  (again?.disabled ? item : (again ?? item)).focus({ preventScroll: true });
}

/** Days are divided; what one author says within some minutes stands below one name. */
function regroup() {
  for (const divider of list.querySelectorAll(".divider")) divider.remove();
  let before = null;
  for (const item of list.querySelectorAll("li.message[data-id]")) {
    const date = new Date(Number(item.dataset.at)).toDateString();
    const isNewDay = !before || new Date(Number(before.dataset.at)).toDateString() !== date;
    if (isNewDay)
      item.before(h("li", { class: "divider", role: "separator" }, h("span", {}, day(Number(item.dataset.at)))));
    const together =
      !isNewDay &&
      before.dataset.author === item.dataset.author &&
      item.dataset.at - before.dataset.at < TOGETHER &&
      before.classList.contains("private") === item.classList.contains("private") &&
      !item.classList.contains("has-origin");
    item.classList.toggle("grouped", together);
    before = item;
  }
}

// What only this page shows: commands under way, commands without an answer, and what Discord refused.

function drawLocal() {
  for (const item of list.querySelectorAll("li.local")) item.remove();
  const refused = [...store.rows.values()].filter(
    (row) => row.refusal && row.channel === store.channel && !dropped.includes(row.row),
  );
  list.append(...localEntries(store.channel).map(commandEntry), ...refused.slice(-3).map(refusalEntry));
  keepEnd();
}

function commandEntry({ id, label, state }) {
  const failed = state === "failed";
  const who = { user: { id: store.me }, name: label.replace(/^\//, ""), command_type: label.startsWith("/") ? 1 : 3 };
  const words = failed
    ? h("p", { class: "failure", role: "alert" }, silence)
    : h("p", { class: "thinking", role: "status" }, dots(), "Sending command…");
  return h(
    "li",
    { class: failed ? "message local private has-origin" : "message local has-origin" },
    usedLine(who),
    h("div", { class: "gutter" }, avatar(store.application)),
    h(
      "div",
      { class: "message-body" },
      h(
        "div",
        { class: "message-head" },
        h("span", { class: "author" }, store.application.shown),
        h("span", { class: "app-badge" }, "APP"),
        h("time", { class: "stamp" }, clock(Date.now())),
      ),
      words,
      failed ? privacy(() => dismissLocal(id)) : null,
    ),
  );
}

function privacy(dismiss) {
  return h(
    "p",
    { class: "privacy" },
    icon("eye", 16),
    "Only you can see this • ",
    h("button", { type: "button", class: "link-button", onclick: dismiss }, "Dismiss message"),
  );
}

function refusalEntry(row) {
  const { code, message, reasons } = row.refusal;
  const close = () => {
    dropped = [...dropped, row.row];
    drawLocal();
  };
  return h(
    "li",
    { class: "message local refusal", role: "alert" },
    h("div", { class: "gutter" }, icon("warning", 24)),
    h(
      "div",
      { class: "message-body" },
      h("p", {}, h("b", {}, "Discord refused this: "), `${message} (${code}) · ${row.method} ${row.path}`),
      reasons.length
        ? h(
            "ul",
            {},
            reasons.map((reason) => h("li", {}, reason)),
          )
        : null,
      h("button", { type: "button", class: "link-button", onclick: close }, "Dismiss"),
    ),
  );
}

// Ways through the list.

const order = (a, b) => (a.length === b.length ? (a < b ? -1 : a > b ? 1 : 0) : a.length - b.length);

function goTo(id) {
  const item = document.getElementById(`message-${id}`);
  if (!item) return;
  item.scrollIntoView({ block: "center", behavior: "smooth" });
  item.focus({ preventScroll: true });
  item.classList.add("pointed-at");
  setTimeout(() => item.classList.remove("pointed-at"), 1600);
}

/** Up and down walk from message to message; Enter goes into one, Escape back to writing. */
function walk(event) {
  const item = event.target.closest("li.message");
  if (!item || event.target.closest(".listbox, .menu, video, audio")) return;
  const items = [...list.querySelectorAll("li.message")];
  const next = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (next) {
    (items[items.indexOf(item) + next] ?? item).focus();
    event.preventDefault();
  } else if (event.key === "Enter" && event.target === item) {
    item.querySelector("button:not(:disabled), a[href]")?.focus();
    event.preventDefault();
  } else if (event.key === "Escape") document.getElementById("text").focus();
}

function onPerson(event) {
  const id = event.target.closest("[data-user]")?.dataset.user;
  if (!id) return;
  event.preventDefault();
  event.stopPropagation();
  userMenu(id, event);
}
