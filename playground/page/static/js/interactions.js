// The interactions that this page began: what waits for the bot, what it answered, what it left unanswered.

import { deed } from "./api.js";
import { told } from "./notices.js";
import { on, store, tell } from "./store.js";

const begun = new Set(); // ids of interactions begun on this page
const handled = new Set();
const waiting = new Map(); // message id → custom_id whose answer is awaited
const failures = new Map(); // message id → what to say under it
const local = new Map(); // interaction id → entry of the chat that only this page has
const settling = new Map(); // interaction id → functions to call when it is settled

const SILENT = "The application did not respond";

on("row", ({ row }) => row.type === "interaction" && follow(row));
on("message", ({ message }) => {
  // The answer itself may come before the traffic tells of it.
  if (local.delete(message.interaction_metadata?.id)) tell("local");
});
on("state", () => {
  waiting.clear();
  failures.clear();
  local.clear();
});

/** Uses a slash command or a context menu. False when it was refused; the reason has been shown. */
export async function useCommand(name, fields, files = [], label = "") {
  return begin(() => deed(name, fields, files), { channel: store.channel, label });
}

/** Presses a button or chooses from a menu of a message. */
export async function useComponent(name, message, customId, fields = {}) {
  failures.delete(message.id);
  waiting.set(message.id, customId);
  tell("redraw", message.id);
  const went = await begin(() => deed(name, { message: message.id, custom_id: customId, ...fields }), {
    message: message.id,
  });
  if (!went) release(message.id);
}

/** Submits a window. The row of its interaction once the bot has answered, or failed to; throws Refused. */
export async function submitWindow(interaction, values, files) {
  const { interaction: id } = await deed("modal", { interaction, values }, files);
  begun.add(id);
  return settled(id);
}

async function begin(send, about) {
  const sent = await told(send);
  if (!sent) return false;
  begun.add(sent.interaction);
  if (about.channel && !isAnswered(sent.interaction, about.channel)) {
    local.set(sent.interaction, { id: sent.interaction, at: Date.now(), state: "waiting", ...about });
    tell("local");
  }
  const row = store.rows.get(`i${sent.interaction}`);
  if (row) follow(row);
  return true;
}

function isAnswered(id, channel) {
  const messages = [...(store.messages.get(channel)?.values() ?? [])];
  return messages.some((message) => message.interaction_metadata?.id === id);
}

function follow(row) {
  if (!begun.has(row.id) || row.state === "waiting" || handled.has(row.id)) return;
  handled.add(row.id);
  settling.get(row.id)?.forEach((resolve) => resolve(row));
  settling.delete(row.id);
  if (row.kind === "component") {
    if (row.state === "failed") failures.set(row.message, "This interaction failed");
    release(row.message);
  }
  const entry = local.get(row.id);
  if (entry && row.state === "failed") entry.state = "failed";
  else local.delete(row.id);
  if (entry) tell("local");
  if (row.modal) tell("modal", { interaction: row.id, modal: row.modal });
}

function settled(id) {
  const row = store.rows.get(`i${id}`);
  if (row && row.state !== "waiting") return Promise.resolve(row);
  return new Promise((resolve) => settling.set(id, [...(settling.get(id) ?? []), resolve]));
}

function release(message) {
  waiting.delete(message);
  tell("redraw", message);
}

/** The custom_id of a message's component that waits for the bot; undefined when none does. */
export const waitingFor = (message) => waiting.get(message);

/** What to say under a message whose component got no answer. */
export const failureOf = (message) => failures.get(message);

/** The chat's entries that only this page has: commands under way, and those that got no answer. */
export const localEntries = (channel) => [...local.values()].filter((entry) => entry.channel === channel);

/** Takes such an entry off the screen. */
export function dismissLocal(id) {
  local.delete(id);
  tell("local");
}

/** What Discord says when a command got no answer. */
export const silence = SILENT;
