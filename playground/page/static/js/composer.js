// The message box: messages of one's own, files, and slash commands.

import { notice, orNotice, send, useCommand } from "./api.js";
import { CommandForm } from "./command_form.js";
import { fill, h } from "./dom.js";
import { pickFiles, takesFiles, uploadCard } from "./media.js";
import * as popup from "./popup.js";
import { channel, on, store } from "./store.js";
import { avatar } from "./users.js";

const MAX_FILES = 10;
// Types of commands and options.
const CHAT = 1;
const SUBCOMMAND = 1;
const GROUP = 2;

const form = document.getElementById("composer");
const text = document.getElementById("text");
const tray = document.getElementById("tray");
let files = [];
let command = null; // the CommandForm in the box, if any

/** Takes what is typed from now on. */
export function startComposer() {
  text.addEventListener("input", onInput);
  text.addEventListener("keydown", onKey);
  text.addEventListener("focus", () => text.value.startsWith("/") && onInput());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  form.addEventListener("focusout", ({ relatedTarget }) => form.contains(relatedTarget) || popup.hide());
  takesFiles(document.getElementById("chat"), takeFiles);
  document.getElementById("attach").addEventListener("click", () => pickFiles(true, takeFiles));
  on("channel", reset);
  on("state channel", label);
  document.addEventListener("keydown", typeAnywhere);
}

function label() {
  const here = channel();
  text.placeholder = text.ariaLabel = `Message ${here?.direct ? "@" : "#"}${here?.name}`;
}

function reset() {
  leaveCommand();
  text.value = "";
  setFiles([]);
}

function onInput() {
  const typed = text.value;
  if (!typed.startsWith("/") || typed.includes("\n")) return popup.hide();
  const full = typedInFull(typed);
  return full ? use(full.command, full.rest) : showCommands(typed.slice(1));
}

function onKey(event) {
  if (event.isComposing || event.shiftKey || popup.handleArrow(event)) return;
  if (["Tab", "Enter"].includes(event.key) && popup.takeMarked()) event.preventDefault();
  else if (event.key === "Enter") {
    event.preventDefault();
    submit();
  } else if (event.key === "Escape") popup.hide();
  else if (event.key === "ArrowUp" && !text.value) {
    event.preventDefault();
    document.querySelector("#messages li.message:last-child")?.focus();
  }
}

/** A key pressed nowhere in particular begins a message, as in Discord. */
function typeAnywhere(event) {
  const isFree = document.activeElement.matches("body, li.message");
  const isText = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (isFree && isText && !command) text.focus();
}

// Commands.

/** The commands, subcommands each by itself: `{ name, description, options }`. */
function slashCommands() {
  const commands = (store.commands[store.channel] ?? []).filter((command) => command.type === CHAT);
  return commands.flatMap((command) => leaves(command.name, command)).sort((a, b) => a.name.localeCompare(b.name));
}

function leaves(name, { description, options = [] }) {
  const inner = options.filter((option) => [SUBCOMMAND, GROUP].includes(option.type));
  if (!inner.length) return [{ name, description, options }];
  return inner.flatMap((option) => leaves(`${name} ${option.name}`, option));
}

/** Opens the list of the commands that fit what was typed after "/". */
function showCommands(typed) {
  const wanted = typed.toLowerCase();
  const fits = ({ name, description }) => name.includes(wanted) || description.toLowerCase().includes(wanted);
  const begins = (command) => Number(command.name.startsWith(wanted));
  const fitting = slashCommands().filter(fits).sort((a, b) => begins(b) - begins(a));
  const { bot, application } = store;
  const nothing = bot.connected ? `No command fits “/${typed}”.` : "The bot is not connected yet.";
  popup.show({
    owner: text,
    title: application.shown,
    items: fitting.map((command) => ({
      label: `/${command.name}`,
      description: command.description,
      sign: avatar(application, 32),
      command,
    })),
    head: fitting.length ? null : h("p.popup-head.small", nothing),
    onpick: (item) => use(item.command),
  });
}

/** The command whose name is typed in full, and the rest of the text; undefined while it is not. */
function typedInFull(typed) {
  const fitting = slashCommands().filter(({ name }) => typed.startsWith(`/${name} `));
  const command = fitting.sort((a, b) => b.name.length - a.name.length)[0];
  return command && { command, rest: typed.slice(command.name.length + 2).trim() };
}

function use(chosen, rest = "") {
  leaveCommand();
  text.value = "";
  text.hidden = true;
  command = new CommandForm(chosen, tray, {
    onsend: (options, uploads) => sendCommand(chosen.name, options, uploads),
    oncancel: cancel,
  });
  text.after(command.element);
  command.begin(rest);
  command.takeFiles(files);
  files = [];
}

function leaveCommand() {
  command?.close();
  command = null;
  text.hidden = false;
}

function cancel() {
  leaveCommand();
  text.focus();
}

async function sendCommand(name, options, uploads) {
  popup.hide();
  const fields = { channel: store.channel, command: name, options };
  if (await useCommand("slash", fields, `/${name}`, uploads)) cancel();
}

// Messages and files.

async function submit() {
  if (command) return command.send();
  const said = text.value.trim();
  if (!said && !files.length) return;
  if (said.startsWith("/") && popup.takeMarked()) return;
  const sent = await orNotice(send("say", { channel: store.channel, text: said }, files));
  if (!sent) return;
  text.value = "";
  setFiles([]);
}

function takeFiles(given) {
  if (!command) {
    if (files.length + given.length > MAX_FILES) notice(`A message takes ${MAX_FILES} files.`, "bad");
    setFiles([...files, ...given].slice(0, MAX_FILES));
    text.focus();
    return;
  }
  const names = command.takeFiles(given).map((file) => file.name);
  if (names.length) notice(`/${command.command.name} has no place for ${names.join(", ")}.`, "bad");
}

function setFiles(list) {
  files = list;
  const remove = (file) => setFiles(files.filter((each) => each !== file));
  fill(tray, files.map((file) => uploadCard(file, () => remove(file))));
}
