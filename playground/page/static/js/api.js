// What the acting person does, sent to the server.

import { h, icon, iconButton } from "./dom.js";
import { store } from "./store.js";

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
