// The traffic: what people did, what the bot answered and how fast, and what it said to Discord and to the services.

import { fill, h } from "./dom.js";
import { on, store, user } from "./store.js";
import { avatar } from "./users.js";

const MAX_SHOWN = 300;

const FILTERS = [
  { type: "interaction", label: "Interactions", on: true },
  { type: "image", label: "Image service", on: true },
  { type: "platform", label: "Platform", on: true },
  { type: "callback", label: "Callbacks", on: true },
  { type: "discord", label: "Discord REST", on: false },
  { type: "poll", label: "Polls", on: false },
];

const list = document.getElementById("traffic");

/** Shows traffic from now on. */
export function startTraffic() {
  fill(document.getElementById("filters"), FILTERS.map(filter));
  on("state", drawAll);
  on("row", draw);
}

function filter(each) {
  const onchange = (event) => {
    each.on = event.target.checked;
    drawAll();
  };
  return h("label.line", h("input", { type: "checkbox", checked: each.on, onchange }), each.label);
}

const isShown = (row) => row.refusal || FILTERS.some((each) => each.on && each.type === row.type);

function drawAll() {
  const rows = [...store.rows.values()].filter(isShown).sort((a, b) => b.at - a.at);
  const nothing = h("li.nothing.hint.small", "Nothing yet. Type / in the message box.");
  fill(list, rows.length ? rows.slice(0, MAX_SHOWN).map((row) => item(row)) : nothing);
}

function draw(row) {
  if (!isShown(row)) return;
  const old = list.querySelector(`.nothing, [data-row="${CSS.escape(row.row)}"]`);
  old?.remove();
  const after = [...list.children].find((each) => Number(each.dataset.at) < row.at);
  list.insertBefore(item(row, old?.querySelector("details")?.open), after ?? null);
  while (list.childElementCount > MAX_SHOWN) list.lastElementChild.remove();
}

function item({ row, type, at, way, user: id, title, text, note, status, level, details }, open = false) {
  const summary = h(
    "summary.item",
    id ? avatar(user(id), 20) : h("span.way.badge", way),
    h("span.grow.clip", h("b", title), " ", text),
    note ? h("span.clip", note) : null,
    h("span.status", { class: level }, status),
  );
  const box = h("details", { open }, summary, h(".details", details.map(detail)));
  return h("li.row.card.small", { class: [type, level === "bad" && "failed"], data: { row, at } }, box);
}

function detail([name, value]) {
  if (value === null || value === undefined) return null;
  if (typeof value !== "object") return h("p.fact", h("b", `${name}: `), value);
  return [h("p.fact", h("b", name)), h("pre", { tabindex: 0 }, JSON.stringify(value, null, 2))];
}
