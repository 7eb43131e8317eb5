// The traffic: what people did, what the bot answered and how fast, and what it said to Discord and the image API.

import { avatar } from "./avatars.js";
import { fill, h } from "./dom.js";
import { on, store, user } from "./store.js";

// Discord gives up after three seconds; over one, people begin to wonder.
const SLOW = 1000;
const MOST = 300;

const FILTERS = [
  { key: "interaction", label: "Interactions", on: true },
  { key: "image", label: "Image API", on: true },
  { key: "callback", label: "Callbacks", on: true },
  { key: "discord", label: "Discord REST", on: false },
  { key: "poll", label: "Polls", on: false },
];

const list = document.getElementById("traffic");
const open = new Set(); // rows whose details are open

/** Begins to show traffic. */
export function startTraffic() {
  fill(document.getElementById("filters"), FILTERS.map(filter));
  on("state", drawAll);
  on("row", ({ row }) => draw(row));
}

function filter(each) {
  const toggle = (event) => {
    each.on = event.target.checked;
    drawAll();
  };
  return h(
    "label",
    { class: "filter" },
    h("input", { type: "checkbox", checked: each.on, onchange: toggle }),
    h("span", {}, each.label),
  );
}

const shown = (row) => FILTERS.some((each) => each.on && each.key === row.type) || Boolean(row.refusal);

function drawAll() {
  const rows = [...store.rows.values()].filter(shown).sort((a, b) => b.at - a.at);
  fill(
    list,
    rows.slice(0, MOST).map(item),
    rows.length ? null : h("li", { class: "nothing" }, "Nothing yet. Type / in the message box."),
  );
}

function draw(row) {
  if (!shown(row)) return;
  list.querySelector(".nothing")?.remove();
  const old = list.querySelector(`[data-row="${CSS.escape(row.row)}"]`);
  const made = item(row);
  if (old?.dataset.at === made.dataset.at) return old.replaceWith(made);
  old?.remove();
  const after = [...list.children].find((each) => Number(each.dataset.at) < row.at);
  list.insertBefore(made, after ?? null);
  while (list.childElementCount > MOST) list.lastElementChild.remove();
}

function item(row) {
  const make = { interaction, discord: request, image: exchange, poll: exchange, callback }[row.type];
  const { head, details, kind = "" } = make(row);
  const box = h(
    "details",
    { open: open.has(row.row) },
    h("summary", {}, head),
    h("div", { class: "row-details" }, details),
  );
  box.addEventListener("toggle", () => (box.open ? open.add(row.row) : open.delete(row.row)));
  return h("li", { class: `row ${row.type} ${kind}`, data: { row: row.row, at: row.at } }, box);
}

function interaction(row) {
  const who = user(row.user);
  return {
    kind: row.state,
    head: [
      avatar(who, 20),
      h(
        "span",
        { class: "row-words" },
        h("b", {}, who?.shown ?? "?"),
        " ",
        h("span", { class: "row-said" }, row.said || row.kind),
      ),
      h("span", { class: "row-answer" }, answerOf(row)),
      took(row),
    ],
    details: [
      fact("What", `${row.kind}${row.custom_id ? ` · ${row.custom_id}` : ""}`),
      row.deliveries > 1 ? fact("Delivered", `${row.deliveries} times`) : null,
      json("What the bot was told", row.data),
      json("What it answered first", row.callback),
    ],
  };
}

function answerOf(row) {
  if (row.state === "failed") return "did not respond";
  return row.state === "waiting" ? "…" : row.answer;
}

function took(row) {
  if (row.state === "failed") return h("span", { class: "ms late" }, "> 3 s");
  if (row.ms === null) return h("span", { class: "ms" }, "…");
  return h(
    "span",
    { class: row.ms > SLOW ? "ms slow" : "ms quick", title: "from the interaction to its acknowledgement" },
    `${row.ms} ms`,
  );
}

function request(row) {
  const bad = row.status >= 400;
  return {
    kind: bad ? "bad" : "",
    head: [
      h("span", { class: "row-way" }, "bot → Discord"),
      h("span", { class: "row-words" }, h("b", {}, row.method), " ", h("span", { class: "row-said" }, row.path)),
      h("span", { class: bad ? "status bad" : "status" }, row.status ?? "…"),
    ],
    details: [
      row.refusal
        ? fact("Refused", [`${row.refusal.message} (${row.refusal.code})`, ...row.refusal.reasons].join("\n"))
        : null,
      row.files.length
        ? fact("Files", row.files.map((file) => `${file.name} (${file.size.toLocaleString("en")} bytes)`).join(", "))
        : null,
      json("Body", row.body),
      json("Answer", row.answer),
    ],
  };
}

function exchange(row) {
  const bad = row.status === null || row.status >= 400;
  return {
    kind: bad ? "bad" : "",
    head: [
      h("span", { class: "row-way" }, "bot → image API"),
      h("span", { class: "row-words" }, h("b", {}, row.method), " ", h("span", { class: "row-said" }, row.path)),
      h("span", { class: bad ? "status bad" : "status" }, row.status ?? "lost"),
    ],
    details: [json("Body", row.body), json("Answer", row.answer)],
  };
}

function callback(row) {
  return {
    kind: row.status >= 400 || row.status === null ? "bad" : "",
    head: [
      h("span", { class: "row-way" }, "image API → bot"),
      h("span", { class: "row-words" }, h("b", {}, row.said), " ", h("span", { class: "row-said" }, row.task)),
      row.count > 1 ? h("span", { class: "row-answer" }, `${row.count} times`) : null,
      h("span", { class: "status" }, row.status ?? "lost"),
    ],
    details: [fact("Told", row.history.join("\n")), json("Last body", row.body)],
  };
}

const fact = (name, words) => h("p", { class: "fact" }, h("b", {}, `${name}: `), words);

function json(name, value) {
  if (value === null || value === undefined) return null;
  return [h("p", { class: "fact" }, h("b", {}, name)), h("pre", { tabindex: 0 }, JSON.stringify(value, null, 2))];
}
