// The page: loads the image, connects the tools, and submits the mask.

import { Cursor } from "./cursor.js";
import { Guide } from "./guide.js";
import { Hand } from "./hand.js";
import { Keep } from "./keep.js";
import { listenToKeys } from "./keys.js";
import { Painting } from "./painting.js";
import { canEncode, png } from "./png.js";
import { Pointers } from "./pointers.js";
import * as server from "./server.js";
import { Surface } from "./surface.js";
import { MaskUpload, megabytes, selected } from "./upload.js";
import { View } from "./view.js";
import { word } from "./words.js";

const one = (id) => document.getElementById(id);
const ZOOM_STEP = 1.25;

const stage = one("stage");
const controls = one("controls");
const size = one("size");
const view = new View(stage, one("sheet"));
const guide = new Guide(one("guide"));
const hand = new Hand({ view, guide, changed });
const pointers = new Pointers(stage, one("mask"), view, hand);
new Cursor({ canvas: one("mask"), hand, view, guide, announce });
new MaskUpload({ input: one("upload"), stage, taken: addMask });

let keep = null;
let busy = false;
let focused = null;

function say(text, bad = false) {
  one("said").textContent = text;
  one("said").classList.toggle("bad", bad);
}

/** Shows the position of the keyboard's crosshair, or clears it. */
function announce(name, values) {
  one("position").textContent = name ? word(name, values) : "";
}

// mask and history

function shown() {
  const { painting } = hand;
  const share = (100 * painting.painted) / painting.data.length;
  const percent = share > 0 && share < 1 ? "< 1" : String(Math.round(share));
  one("amount").textContent = word("painted", { percent });
  one("amount").hidden = painting.painted === 0;
  one("undo").disabled = painting.done.length === 0;
  one("redo").disabled = painting.undone.length === 0;
  one("clear").disabled = painting.painted === 0;
  one("select-all").disabled = painting.painted === painting.data.length;
}

function changed() {
  shown();
  say("");
  keep.save(hand.painting);
}

function step(deed) {
  if (!hand.ready() || hand.points || !hand.painting[deed]()) return;
  hand.surface.show(hand.painting.whole);
  changed();
}

// uploaded mask

async function addMask(file) {
  if (!hand.ready() || hand.points || busy) return;
  const limit = Number(one("upload").dataset.maxBytes);
  if (file.size > limit) {
    say(word("upload_too_large", { limit: megabytes(limit) }), true);
    return;
  }
  lock(true);
  say(word("upload_checking"));
  try {
    const { bits, notes } = await selected(file, hand.painting);
    const added = hand.painting.add(bits);
    hand.surface.show(hand.painting.whole);
    if (added) changed();
    say([word(added ? "upload_added" : "upload_nothing_new"), ...notes].join(" "));
  } catch (error) {
    refused(error, "upload_unreadable");
    return;
  }
  lock(false);
}

/** Disables all controls during a request; afterwards the focus returns to the same element. */
function lock(on) {
  if (on) focused = document.activeElement;
  busy = on;
  hand.locked = on;
  controls.disabled = on;
  if (!on && document.activeElement === document.body) focused?.focus({ preventScroll: true });
}

// tools

function take(tool) {
  if (!hand.ready() || hand.points) return;
  hand.take(tool);
  stage.className = tool;
  for (const button of document.querySelectorAll("[data-tool]")) {
    button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
  }
}

function resize() {
  // Each step of the slider enlarges the brush by the same factor: from 0.6 % of the image's shorter side to 40 %.
  const edge = Math.min(hand.painting.width, hand.painting.height);
  const diameter = Math.max(2, Math.round(edge * 0.006 * (0.4 / 0.006) ** (Number(size.value) / 100)));
  hand.radius = diameter / 2;
  one("size-said").textContent = `${diameter} px`;
  size.setAttribute("aria-valuetext", `${diameter} px`);
  guide.noBrush();
}

function listen() {
  for (const button of document.querySelectorAll("[data-tool]")) {
    button.addEventListener("click", () => take(button.dataset.tool));
  }
  size.addEventListener("input", resize);
  for (const name of ["undo", "redo", "clear", "invert"]) one(name).addEventListener("click", () => step(name));
  one("select-all").addEventListener("click", () => step("selectAll"));
  one("zoom-in").addEventListener("click", () => view.zoom(ZOOM_STEP));
  one("zoom-out").addEventListener("click", () => view.zoom(1 / ZOOM_STEP));
  one("fit").addEventListener("click", () => view.fit());
  one("prompt").addEventListener("input", () => keep.savePrompt(one("prompt").value));
  one("panel").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  listenToKeys({
    take,
    resize: (by) => {
      if (!hand.ready()) return;
      size.value = Number(size.value) + by;
      resize();
    },
    undo: () => step("undo"),
    redo: () => step("redo"),
    clear: () => step("clear"),
    selectAll: () => step("selectAll"),
    invert: () => step("invert"),
    zoom: (factor) => view.zoom(factor),
    fit: () => view.width && view.fit(),
    submit,
    space: (held) => pointers.holdSpace(held),
    cancel: () => hand.cancel(),
  });
}

// start and end

function close(text, done = false) {
  const veil = one("veil");
  veil.querySelector(".spinner").hidden = true;
  veil.querySelector("p").textContent = text;
  veil.classList.toggle("done", done);
  const back = veil.querySelector("[data-back]");
  back.hidden = !back.href;
  veil.hidden = false;
  hand.locked = true;
  guide.noBrush();
  stage.classList.add("still");
  controls.disabled = true;
}

async function begin() {
  const opened = await server.open();
  const prompt = one("prompt");
  keep = new Keep(opened.picture);
  prompt.value = keep.prompt() ?? opened.prompt;
  for (const link of document.querySelectorAll("[data-back]")) {
    if (opened.discord) link.href = opened.discord;
    link.hidden = !opened.discord || link.closest("#veil") !== null;
  }
  const until = new Date(opened.expiresAt * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  one("ends").textContent = word("ends", { time: until });
  const picture = one("picture");
  picture.src = URL.createObjectURL(await server.picture());
  await picture.decode();
  hand.painting = new Painting(picture.naturalWidth, picture.naturalHeight);
  hand.surface = new Surface(one("mask"), hand.painting);
  guide.measure(hand.painting.width, hand.painting.height);
  view.show(hand.painting.width, hand.painting.height);
  if (keep.restore(hand.painting)) {
    hand.surface.show(hand.painting.whole);
    say(word("restored"));
  }
  resize();
  shown();
  one("veil").hidden = true;
  controls.disabled = false;
}

async function submit() {
  if (!hand.ready() || hand.points || busy) return;
  const prompt = one("prompt").value.trim();
  if (hand.painting.painted === 0) return say(word("nothing_painted"), true);
  if (!prompt) return say(word("no_prompt"), true);
  lock(true);
  say(word("sending"));
  try {
    const { data, width, height } = hand.painting;
    const answer = await server.submit(prompt, await png(data, width, height));
    keep.forget();
    say("");
    close(`${answer.message} ${word("done")}`, true);
  } catch (error) {
    refused(error, "trouble");
  }
}

function refused(error, otherwise) {
  say("");
  if (error instanceof server.Refused && error.closed) {
    close(error.message);
    return;
  }
  say(error instanceof server.Refused ? error.message : word(otherwise), true);
  lock(false);
}

listen();
if (!canEncode()) {
  close(word("too_old"));
} else {
  begin().catch((error) => close(error instanceof server.Refused ? error.message : word("trouble")));
}
