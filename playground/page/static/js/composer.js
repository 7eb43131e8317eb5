// The message box: messages of one's own, files, and slash commands.

import { deed } from "./api.js";
import { fill, h, icon } from "./dom.js";
import { dropTarget, filesOf, pickFiles, uploadCard } from "./files.js";
import { useCommand } from "./interactions.js";
import { notice, told } from "./notices.js";
import { CommandForm } from "./options.js";
import { offer, slashCommands, typedInFull } from "./picker.js";
import * as popup from "./popup.js";
import { channel, on, store } from "./store.js";

const MOST_FILES = 10;

const form = document.getElementById("composer");
const text = document.getElementById("text");
const field = document.getElementById("field");
const tray = document.getElementById("tray");
let files = [];
let command = null; // the CommandForm that stands in the box

/** Begins to take what is typed. */
export function startComposer() {
  text.addEventListener("input", onInput);
  text.addEventListener("keydown", onKey);
  text.addEventListener("blur", () => !command && popup.hide());
  text.addEventListener("focus", () => text.value.startsWith("/") && onInput());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  form.addEventListener("focusout", (event) => command && !form.contains(event.relatedTarget) && popup.hide());
  form.addEventListener("paste", (event) => {
    const pasted = filesOf(event.clipboardData);
    if (!pasted.length) return;
    event.preventDefault();
    takeFiles(pasted);
  });
  dropTarget(document.getElementById("chat"), takeFiles);
  document.getElementById("attach").addEventListener("click", () => pickFiles(true, takeFiles));
  on("channel", reset);
  on("state", () => command || label());
  on("use-command", (name) => use(slashCommands().find((each) => each.name === name)));
  document.addEventListener("keydown", typeAnywhere);
}

function label() {
  const here = channel();
  if (!here) return;
  text.placeholder = here.direct ? `Message @${here.name}` : `Message #${here.name}`;
  text.setAttribute("aria-label", text.placeholder);
}

function reset() {
  leaveCommand();
  text.value = "";
  files = [];
  drawFiles();
  label();
}

function onInput() {
  const typed = text.value;
  if (!typed.startsWith("/") || typed.includes("\n")) return popup.hide();
  const whole = typedInFull(typed);
  if (whole) return use(whole.command, whole.rest);
  offer(text, typed.slice(1), use);
}

function onKey(event) {
  if (event.isComposing || popup.steer(event)) return;
  if ((event.key === "Tab" || event.key === "Enter") && !event.shiftKey && popup.takeMarked()) event.preventDefault();
  else if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    send();
  } else if (event.key === "Escape" && popup.isOpen()) popup.hide();
  else if (event.key === "ArrowUp" && !text.value) {
    const items = document.querySelectorAll("#messages li.message");
    items[items.length - 1]?.focus();
    event.preventDefault();
  }
}

/** A key pressed nowhere in particular begins a message, as in Discord. */
function typeAnywhere(event) {
  const free = document.activeElement === document.body || document.activeElement?.matches("li.message");
  if (!free || event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey || event.key === " ") return;
  if (!command) text.focus();
}

// Commands.

function use(chosen, rest = "") {
  if (!chosen) return;
  leaveCommand();
  text.value = "";
  text.hidden = true;
  command = new CommandForm(chosen, tray, {
    onsend: (options, uploads) => sendCommand(chosen, options, uploads),
    oncancel: cancel,
  });
  field.append(command.element);
  form.classList.add("commanding");
  command.begin(rest);
  command.takeFiles(files);
  files = [];
}

function leaveCommand() {
  if (!command) return;
  command.close();
  command.element.remove();
  command = null;
  text.hidden = false;
  form.classList.remove("commanding");
}

function cancel() {
  leaveCommand();
  text.focus();
}

async function sendCommand(chosen, options, uploads) {
  popup.hide();
  const went = await useCommand(
    "slash",
    { channel: store.channel, command: chosen.name, options },
    uploads,
    `/${chosen.name}`,
  );
  if (went) cancel();
}

// Messages and files.

async function send() {
  if (command) return command.send();
  const said = text.value.trim();
  if (!said && !files.length) return;
  if (said.startsWith("/") && popup.takeMarked()) return;
  const sent = await told(() => deed("say", { channel: store.channel, text: said }, files));
  if (!sent) return;
  text.value = "";
  files = [];
  drawFiles();
}

function takeFiles(list) {
  const left = command ? command.takeFiles(list) : list;
  if (command) {
    if (left.length)
      notice(`/${command.command.name} has no place for ${left.map((file) => file.name).join(", ")}.`, "bad");
    return;
  }
  files = [...files, ...left];
  if (files.length > MOST_FILES) notice(`A message takes ${MOST_FILES} files.`, "bad");
  files = files.slice(0, MOST_FILES);
  drawFiles();
  text.focus();
}

function drawFiles() {
  const remove = (file) => {
    files = files.filter((each) => each !== file);
    drawFiles();
  };
  fill(
    tray,
    files.map((file) => uploadCard(file, () => remove(file))),
  );
}

/** What is shown while files hover over the chat. */
export function dropHint() {
  return h("div", { class: "drop-hint", "aria-hidden": "true" }, icon("upload", 40), h("b", {}, "Drop to upload"));
}
