// The left side: the server, its channels, direct messages, and who acts.

import { fill, h, icon } from "./dom.js";
import { openMenu } from "./menus.js";
import { channel, connect, guild, on, openChannel, store, user } from "./store.js";
import { avatar } from "./users.js";

const ROLES = { owner: "owner of the server", moderator: "moderator", member: "member" };
const ACTING = "atelier-playground-acting";

/** Who acted here last; ada at first. */
export const lastActing = () => localStorage.getItem(ACTING) ?? "ada";

/** Shows channels and people from now on. */
export function startSidebar() {
  on("state channel unread", draw);
  const account = document.getElementById("account");
  account.addEventListener("click", (event) => openMenu("Act as", event, ["Act as", ...store.people.map(choice)]));
}

function draw() {
  const here = channel();
  const [direct, text] = [true, false].map((isDirect) => store.channels.filter((each) => each.direct === isDirect));
  fill(document.getElementById("server-name"), (guild() ?? store.guilds[0])?.name);
  fill(document.getElementById("channels"), section("Text channels", text), section("Direct messages", direct));
  fill(document.getElementById("channel-sign"), here?.direct ? avatar(store.application, 24) : icon("hash", 22));
  fill(document.getElementById("channel-name"), here?.name);
  const me = user(store.me);
  const words = h("span.words.grow", h("b", me?.shown), h("small", `acting as ${ROLES[me?.role]}`));
  fill(document.getElementById("account"), avatar(me, 32), words, icon("down", 16));
}

const section = (title, channels) => h("section", h("h3.menu-title.small", title), h("ul", channels.map(row)));

function row({ id, name, direct }) {
  const count = store.unread.get(id);
  const isCurrent = id === store.channel;
  const label = direct ? `Direct messages with ${name}` : `Channel ${name}`;
  const properties = {
    class: [isCurrent && "current", count && "unread"],
    "aria-current": isCurrent ? "page" : null,
    "aria-label": count ? `${label}, ${count} unread` : label,
    onclick: () => {
      openChannel(id);
      document.getElementById("sidebar").hidePopover();
    },
  };
  const sign = direct ? avatar(store.application, 24) : icon("hash");
  return h("li", h("button.item", properties, sign, h("span.grow.clip", name), count && h("span.badge", count)));
}

function choice(person) {
  return {
    label: person.shown,
    description: `${ROLES[person.role]} · ${person.guild}`,
    sign: avatar(person, 32),
    checked: person.id === store.me,
    run: () => {
      localStorage.setItem(ACTING, person.name);
      store.unread.clear();
      connect(person.name);
    },
  };
}
