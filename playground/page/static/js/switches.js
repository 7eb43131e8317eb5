// The switches of the playground: the bot's process, the services, and faults on request.

import { notice, orNotice, send } from "./api.js";
import { fill, h, newId } from "./dom.js";
import { on, store } from "./store.js";

const PROFILES = {
  plus: "midjourney-proxy-plus: all endpoints, buttons, modals",
  trueai: "trueai's server: other words, other error codes",
  "trueai-9": "trueai's server as it was before version 10: more endpoints, fewer checks",
  newapi: "a New API relay in front: bearer keys, codes rewritten, copies that lag",
  gateway: "a reseller with rewritings of its own: modes in the body, numbers for ids",
  novicezk: "the original proxy: no buttons of its own",
};

const PLATFORMS = {
  clean: "everything as in the official API",
  "one-api": "the oldest gateway: no edits, lost lines, errors under status 200",
  "new-api": "its successor: comments in streams, a task in place of an image",
  reverse: "a program that drives accounts: text for everything, no embeddings",
};

const root = document.getElementById("switches");
let chosenFault = "safety_500";
const current = h("div"); // what shows values; the rest keeps what is typed into it

/** Shows the switches from now on. */
export function startSwitches() {
  fill(root, current, faults());
  on("state status", draw);
}

function draw() {
  const key = root.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  fill(current, botSwitches(store.bot), imageApiSwitches(store.switches), platformSwitches(store.switches));
  if (key) root.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
}

function botSwitches({ running, connected }) {
  const state = connected ? "connected" : running ? "starting or reconnecting" : "stopped";
  const level = connected ? "good" : running ? "slow" : "bad";
  return h(
    "section.column",
    h("h3", "The bot"),
    h("p.bot-state.line", { role: "status" }, h("span", { class: level }, "●"), `The bot is ${state}.`),
    h(
      ".line",
      push("Start", "bot", "start", { disabled: running, kind: "success grow" }),
      push("Stop", "bot", "stop", { disabled: !running, kind: "secondary grow" }),
      push("kill -9", "bot", "kill", { disabled: !running, kind: "danger grow" }),
    ),
    hint("Stop it while an image is generated and start it again: the image still comes, and all buttons work."),
    push("Drop the gateway", "drop_gateway", null, { disabled: !connected }),
  );
}

function imageApiSwitches({ profile, speed, slots, queue, held, remix }) {
  return h(
    "section.column",
    h("h3", "The image service"),
    choose("Plays the part of", "profile", Object.keys(PROFILES), profile),
    hint(PROFILES[profile]),
    choose("Speed", "speed", ["quick", "lively", "slow"], speed),
    choose("Images at a time", "slots", [1, 2, 3, 5], slots),
    choose("Places in its queue", "queue", [0, 1, 3, 10], queue),
    toggle("Hold all progress", "hold", held),
    toggle("Remix mode", "remix", remix),
  );
}

function platformSwitches({ platform, platform_faults: offered }) {
  if (!platform) return null;
  const fault = h("select.box", { id: newId(), data: { key: "platform_fault" } });
  fault.append(...offered.map((value) => h("option", { value, selected: value === chosenFault }, value)));
  fault.onchange = () => (chosenFault = fault.value);
  return h(
    "section.column",
    h("h3", "The platform"),
    choose("Answers as", "platform", Object.keys(PLATFORMS), platform),
    hint(PLATFORMS[platform]),
    h(".line", h("label.grow", { for: fault.id }, "The next call ends in"), fault),
    push("Let it go wrong", "platform_fault", () => fault.value),
  );
}

function faults() {
  const value = "Request cancelled due to image filters";
  const reason = h("input.box.grow", { id: newId(), value, data: { key: "reason" } });
  return h(
    "section.column",
    h("h3", "Make something go wrong"),
    h("label", { for: reason.id }, "The next task fails with"),
    h(".line", reason, push("Fail it", "fail_task", () => reason.value, { kind: "secondary grow" })),
    push("Lose the next answer", "lose_answer"),
    push("Refuse the next: queue is full", "refuse_next"),
    push("The next task stalls", "stall_task"),
  );
}

const hint = (words) => h("p.small", words);

/** A button; `value` may be a function that is called when it is pressed. */
function push(label, name, value = null, { disabled = false, kind = "secondary" } = {}) {
  const onclick = () => set(name, typeof value === "function" ? value() : value);
  return h("button.button", { class: kind.split(" "), disabled, data: { key: label }, onclick }, label);
}

/** A choice; where the current value is none of the offered, that is shown too. */
function choose(label, name, offered, current) {
  const values = offered.includes(current) ? offered : [current, ...offered];
  const onchange = (event) => set(name, event.target.value);
  const select = h("select.box", { id: newId(), data: { key: name }, onchange });
  const options = values.map((value) => h("option", { value, selected: value === current }, value ?? "as set at first"));
  select.append(...options);
  return h(".line", h("label.grow", { for: select.id }, label), select);
}

function toggle(label, name, checked) {
  const onchange = (event) => set(name, event.target.checked);
  const box = h("input", { type: "checkbox", checked, data: { key: name }, onchange });
  return h("label.line", h("span.grow", label), box);
}

async function set(name, value) {
  const answer = await orNotice(send("switch", { name, value }));
  if (answer?.said) notice(answer.said);
}
