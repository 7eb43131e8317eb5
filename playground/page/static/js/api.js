// What the acting person does, sent to the server, and what waits for the bot's answer.

import { h, icon, iconButton } from "./dom.js";
import { emit, on, store } from "./store.js";

const NOTICE_MS = 7000;

/** Discord or its client does not allow something; `message` says why. */
export class Refused extends Error {}

/** Sends a request. The fields name its files as `{ file: index }`. Throws Refused. */
export async function send(name, fields, files = []) {
  const body = new FormData();
  body.append("fields", JSON.stringify({ as: store.as, ...fields }));
  for (const file of files) body.append("file", file, file.name);
  let response;
  try {
    response = await fetch(`/api/${name}`, { method: "POST", body });
  } catch {
    throw new Refused("The playground does not answer. Is it still running?");
  }
  const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
  const answer = isJson ? await response.json() : { refused: await response.text() };
  if (!response.ok) throw new Refused(answer.refused ?? `The playground answered ${response.status}.`);
  return answer;
}

/** Waits for a request; where it is refused, a notice says why. Undefined then. */
export async function orNotice(request) {
  try {
    return await request;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    notice(error.message, "bad");
    return undefined;
  }
}

/** Shows a text for some seconds; "bad" ones are read out at once. */
export function notice(text, kind = "good") {
  const close = () => note.remove();
  const sign = h("span", { class: kind }, icon(kind === "bad" ? "warning" : "check"));
  const role = kind === "bad" ? "alert" : "status";
  const note = h(".notice.floating.line", { role }, sign, h("p.grow", text), iconButton("close", "Close", close));
  const notices = document.getElementById("notices");
  notices.append(note);
  // Shown again, so that it lies above what was opened since.
  notices.hidePopover();
  notices.showPopover();
  setTimeout(close, NOTICE_MS);
}

// Interactions.

const waiting = new Map(); // message id → custom_id whose answer is awaited
const failed = new Set(); // ids of messages whose component got no answer
const local = new Map(); // interaction id → command that the chat shows until the bot has answered

on("message", (message) => {
  // The message that answers may come before the answer to the request.
  if (local.delete(message.interaction_metadata?.id)) emit("local");
});
on("state", () => {
  for (const each of [waiting, failed, local]) each.clear();
});

/** Waits for the answer to an interaction, `{ failed, modal }`, and opens the modal in it. */
async function answerTo(interaction) {
  const answer = await send("answer", { interaction });
  if (answer.modal) emit("modal", { id: interaction, modal: answer.modal });
  return answer;
}

/** Uses a slash command or a context menu. False when it was refused; a notice has said why. */
export async function useCommand(kind, fields, command, files = []) {
  const sent = await orNotice(send(kind, fields, files));
  if (sent) awaitCommand(sent.interaction, command);
  return Boolean(sent);
}

async function awaitCommand(id, command) {
  const entry = { id, channel: store.channel, command, failed: false };
  const messages = [...(store.messages.get(store.channel)?.values() ?? [])];
  if (!messages.some((message) => message.interaction_metadata?.id === id)) local.set(id, entry);
  emit("local");
  const answer = await orNotice(answerTo(id));
  entry.failed = Boolean(answer?.failed);
  if (!entry.failed) local.delete(id);
  emit("local");
}

/** Presses a button or chooses from a menu of a message. */
export async function useComponent(kind, message, customId, fields = {}) {
  failed.delete(message.id);
  waiting.set(message.id, customId);
  emit("redraw", message.id);
  const sent = await orNotice(send(kind, { message: message.id, custom_id: customId, ...fields }));
  const answer = sent && (await orNotice(answerTo(sent.interaction)));
  if (answer?.failed) failed.add(message.id);
  waiting.delete(message.id);
  emit("redraw", message.id);
}

/** Submits a modal. Whether the bot has answered; throws Refused. */
export async function submitModal(opener, values, files) {
  const { interaction } = await send("modal", { interaction: opener, values }, files);
  return !(await answerTo(interaction)).failed;
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
