// The interactions that this page began: what waits for the bot, what it answered, what it left unanswered.

import { orNotice, send } from "./api.js";
import { emit, on, store } from "./store.js";

const begun = new Set(); // ids of interactions begun on this page
const handled = new Set();
const waiting = new Map(); // message id → custom_id whose answer is awaited
const failed = new Set(); // ids of messages whose component got no answer
const local = new Map(); // interaction id → command that the chat shows while the bot has not answered
const settling = new Map(); // interaction id → function to call when it is settled

on("row", follow);
on("message", (message) => {
  // The answer itself may come before its row of the traffic.
  if (local.delete(message.interaction_metadata?.id)) emit("local");
});
on("state", () => {
  for (const each of [waiting, failed, local]) each.clear();
});

/** Uses a slash command or a context menu. False when it was refused; a notice has said why. */
export async function useCommand(kind, fields, command, files = []) {
  const sent = await orNotice(send(kind, fields, files));
  if (!sent) return false;
  const id = sent.interaction;
  const answers = [...(store.messages.get(store.channel)?.values() ?? [])];
  if (!answers.some((message) => message.interaction_metadata?.id === id)) {
    local.set(id, { id, channel: store.channel, command, failed: false });
    emit("local");
  }
  begin(id);
  return true;
}

/** Presses a button or chooses from a menu of a message. */
export async function useComponent(kind, message, customId, fields = {}) {
  failed.delete(message.id);
  waiting.set(message.id, customId);
  emit("redraw", message.id);
  const sent = await orNotice(send(kind, { message: message.id, custom_id: customId, ...fields }));
  if (sent) begin(sent.interaction);
  else release(message.id);
}

/** Submits a modal. The row of its interaction once the bot has answered, or failed to; throws Refused. */
export async function submitModal(interaction, values, files) {
  const { interaction: id } = await send("modal", { interaction, values }, files);
  return new Promise((resolve) => {
    settling.set(id, resolve);
    begin(id);
  });
}

function begin(id) {
  begun.add(id);
  const row = store.rows.get(`i${id}`);
  if (row) follow(row);
}

function follow(row) {
  if (!begun.has(row.id) || row.state === "waiting" || handled.has(row.id)) return;
  handled.add(row.id);
  const isFailed = row.state === "failed";
  settling.get(row.id)?.(row);
  if (row.kind === "component") {
    if (isFailed) failed.add(row.message);
    release(row.message);
  }
  const entry = local.get(row.id);
  if (entry && isFailed) entry.failed = true;
  else local.delete(row.id);
  if (entry) emit("local");
  if (row.modal) emit("modal", row);
}

function release(message) {
  waiting.delete(message);
  emit("redraw", message);
}

/** The custom_id of a message's component that waits for the bot; undefined when none does. */
export const waitingFor = (message) => waiting.get(message);

/** Whether a message's component got no answer. */
export const isFailed = (message) => failed.has(message);

/** The commands of a channel that are under way, and those that got no answer. */
export const localCommands = (channel) => [...local.values()].filter((entry) => entry.channel === channel);

/** Removes such a command from the chat. */
export function dismissLocal(id) {
  local.delete(id);
  emit("local");
}
