// The left side: the server, its channels, direct messages, and who acts.

import { avatar } from "./avatars.js";
import { fill, h, icon } from "./dom.js";
import { connect } from "./socket.js";
import { channel, guild, on, openChannel, store } from "./store.js";

const STANDINGS = { owner: "owner of the server", moderator: "moderator", member: "member" };
const REMEMBERED = "atelier-playground-acting";

/** Who acted here last; ada at first. */
export const remembered = () => localStorage.getItem(REMEMBERED) ?? "ada";

/** Begins to show places and people. */
export function startPlaces() {
  for (const event of ["state", "channel", "unread", "bot"]) on(event, draw);
  document.getElementById("account").addEventListener("click", openAccounts);
  document.getElementById("accounts").addEventListener("keydown", onAccountKey);
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest("#accounts, #account")) closeAccounts();
  });
}

function draw() {
  const here = channel();
  const servers = store.guilds.map((each) => [each, store.channels.filter((one) => one.guild === each.id)]);
  const direct = store.channels.filter((each) => each.direct);
  fill(document.getElementById("server-name"), (guild() ?? store.guilds[0])?.name ?? "");
  fill(
    document.getElementById("channels"),
    servers.map(([each, channels]) => section(servers.length > 1 ? each.name : "Text channels", channels)),
    section("Direct messages", direct),
  );
  fill(document.getElementById("place-sign"), here?.direct ? avatar(store.application, 24) : icon("hash", 22));
  fill(document.getElementById("place-name"), here?.name ?? "");
  drawAccount();
}

function section(title, channels) {
  if (!channels.length) return null;
  return h("section", {}, h("h3", {}, title), h("ul", {}, channels.map(row)));
}

function row(each) {
  const count = store.unread.get(each.id);
  const current = each.id === store.channel;
  const label = each.direct ? `Direct messages with ${each.name}` : `Channel ${each.name}`;
  return h(
    "li",
    {},
    h(
      "button",
      {
        type: "button",
        class: ["channel", current && "current", count && "unread"].filter(Boolean).join(" "),
        "aria-current": current ? "page" : null,
        "aria-label": count ? `${label}, ${count} unread` : label,
        onclick: () => {
          openChannel(each.id);
          document.body.classList.remove("left-open");
        },
      },
      each.direct
        ? [avatar(store.application, 32), h("span", { class: store.bot.connected ? "presence on" : "presence" })]
        : icon("hash", 20),
      h("span", { class: "channel-name" }, each.name),
      count ? h("span", { class: "count" }, count) : null,
    ),
  );
}

// Who acts.

function drawAccount() {
  const me = store.people.find((each) => each.id === store.me);
  if (!me) return;
  fill(
    document.getElementById("account"),
    avatar(me, 32),
    h("span", { class: "account-words" }, h("b", {}, me.shown), h("small", {}, `acting as ${STANDINGS[me.standing]}`)),
    icon("down", 16),
  );
}

function openAccounts() {
  const list = document.getElementById("accounts");
  if (!list.hidden) return closeAccounts();
  fill(
    list,
    h("p", { class: "accounts-title" }, "Act as"),
    store.people.map((each) =>
      h(
        "button",
        {
          type: "button",
          role: "menuitemradio",
          "aria-checked": String(each.id === store.me),
          class: "account-row",
          onclick: () => act(each),
        },
        avatar(each, 32),
        h(
          "span",
          { class: "account-words" },
          h("b", {}, each.shown),
          h("small", {}, `${STANDINGS[each.standing]} · ${each.guild}`),
        ),
        each.id === store.me ? icon("check", 18) : null,
      ),
    ),
  );
  list.hidden = false;
  document.getElementById("account").setAttribute("aria-expanded", "true");
  list.querySelector("[aria-checked=true]")?.focus();
}

function closeAccounts(refocus = false) {
  const list = document.getElementById("accounts");
  if (list.hidden) return;
  list.hidden = true;
  document.getElementById("account").setAttribute("aria-expanded", "false");
  if (refocus) document.getElementById("account").focus();
}

function act(person) {
  closeAccounts(true);
  localStorage.setItem(REMEMBERED, person.name);
  store.unread.clear();
  connect(person.name);
}

function onAccountKey(event) {
  const rows = [...event.currentTarget.querySelectorAll("button")];
  const at = rows.indexOf(document.activeElement);
  const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 };
  if (event.key in moves) rows[(moves[event.key] + rows.length) % rows.length].focus();
  else if (event.key === "Escape") closeAccounts(true);
  else if (event.key === "Tab") return closeAccounts();
  else return;
  event.preventDefault();
}
