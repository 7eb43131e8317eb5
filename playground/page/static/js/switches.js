// The switches of the playground: the bot's process, the image API, and faults on request.

import { turn } from "./api.js";
import { fill, h, newId } from "./dom.js";
import { notice, told } from "./notices.js";
import { on, store } from "./store.js";

const PROFILES = {
  plus: "midjourney-proxy-plus: all endpoints, buttons, windows",
  trueai: "trueai's server: other words, other error codes",
  "trueai-9": "trueai's server as it was before version 10: more endpoints, fewer checks",
  newapi: "a New API relay in front: bearer keys, codes rewritten, copies that lag",
  gateway: "a reseller with rewritings of its own: modes in the body, numbers for ids",
  novicezk: "the original proxy: no buttons of its own",
};

/** Begins to show the switches. */
export function startSwitches() {
  on("state", draw);
  on("bot", draw);
}

let drawn = "";

function draw() {
  const now = JSON.stringify([store.bot, store.switches]);
  const root = document.getElementById("switches");
  if (now === drawn || !store.switches) return;
  drawn = now;
  const focused = document.activeElement?.closest("#switches") ? document.activeElement.dataset.key : null;
  const { bot, switches } = store;
  fill(root, theBot(bot), theImageApi(switches), theFaults());
  if (focused) root.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

function theBot({ running, connected }) {
  const state = connected ? "connected" : running ? "starting or reconnecting" : "stopped";
  return h(
    "section",
    {},
    h("h3", {}, "The bot"),
    h(
      "p",
      { class: "bot-state", role: "status" },
      h("span", { class: connected ? "lamp on" : running ? "lamp waiting" : "lamp" }),
      `The bot is ${state}.`,
    ),
    h(
      "div",
      { class: "switch-row" },
      push("Start", "bot", "start", { disabled: running, kind: "success" }),
      push("Stop", "bot", "stop", { disabled: !running }),
      push("kill -9", "bot", "kill", { disabled: !running, kind: "danger" }),
    ),
    h(
      "p",
      { class: "hint" },
      "Stop it in the middle of a picture and start it again: the picture still comes, and its buttons go on working.",
    ),
    push("Drop the gateway", "drop_gateway", null, { disabled: !connected }),
  );
}

function theImageApi(switches) {
  return h(
    "section",
    {},
    h("h3", {}, "The image API"),
    choose("Plays the part of", "profile", Object.keys(PROFILES), switches.profile),
    h("p", { class: "hint" }, PROFILES[switches.profile]),
    choose("Speed", "speed", ["quick", "lively", "slow"], switches.speed),
    choose("Pictures at a time", "slots", ["1", "2", "3", "5"], String(switches.slots)),
    choose("Places in its queue", "queue", ["0", "1", "3", "10"], String(switches.queue)),
    toggle("Hold all progress", "hold", switches.held),
    toggle("Remix mode", "remix", switches.remix),
  );
}

function theFaults() {
  const reason = h("input", {
    type: "text",
    id: newId("reason"),
    value: "Request cancelled due to image filters",
    data: { key: "reason" },
  });
  return h(
    "section",
    {},
    h("h3", {}, "Make something go wrong"),
    h("label", { class: "switch-label", for: reason.id }, "The next task fails with"),
    h(
      "div",
      { class: "switch-row" },
      reason,
      h(
        "button",
        {
          type: "button",
          class: "button secondary small",
          data: { key: "fail_task" },
          onclick: () => throwSwitch("fail_task", reason.value),
        },
        "Fail it",
      ),
    ),
    push("Lose the next answer", "lose_answer", null, {}),
    push("Refuse the next: queue is full", "refuse_next", null, {}),
    push("The next task stalls", "stall_task", null, {}),
  );
}

function push(label, name, value, { disabled = false, kind = "secondary" }) {
  return h(
    "button",
    {
      type: "button",
      class: `button small ${kind}`,
      disabled,
      data: { key: `${name} ${value}` },
      onclick: () => throwSwitch(name, value),
    },
    label,
  );
}

/** A choice; where what stands is none of the offered, that is shown too. */
function choose(label, name, offered, current) {
  const values = current === null || offered.includes(current) ? offered : [current, ...offered];
  const select = h(
    "select",
    { id: newId("switch"), data: { key: name }, onchange: (event) => throwSwitch(name, event.target.value) },
    current === null ? h("option", { value: "", selected: true, disabled: true }, "as set at the start") : null,
    values.map((value) => h("option", { value, selected: value === current }, value)),
  );
  return h("div", { class: "switch-field" }, h("label", { for: select.id }, label), select);
}

function toggle(label, name, checked) {
  const box = h("input", {
    type: "checkbox",
    role: "switch",
    checked,
    data: { key: name },
    onchange: (event) => throwSwitch(name, event.target.checked),
  });
  return h("label", { class: "switch-toggle" }, h("span", {}, label), box);
}

async function throwSwitch(name, value) {
  const answer = await told(() => turn(name, value));
  if (answer?.said) notice(answer.said);
}
