// What the acting person does, sent to the server.

import { store } from "./store.js";

/** Discord, or the client that stands for it, does not allow something; `message` says why. */
export class Refused extends Error {}

/** Carries out a deed. Files go along, and stand in the fields as `{ file: index }`. Throws Refused. */
export async function deed(name, fields, files = []) {
  const text = JSON.stringify({ as: store.as, ...fields });
  if (!files.length) return post(`/api/${name}`, text, { "Content-Type": "application/json" });
  const form = new FormData();
  form.append("deed", text);
  for (const file of files) form.append("file", file, file.name);
  return post(`/api/${name}`, form, {});
}

/** Turns a switch of the playground. Throws Refused. */
export function turn(name, value = null) {
  return post("/api/switch", JSON.stringify({ name, value }), { "Content-Type": "application/json" });
}

async function post(address, body, headers) {
  let response;
  try {
    response = await fetch(address, { method: "POST", body, headers });
  } catch {
    throw new Refused("The playground does not answer. Is it still running?");
  }
  const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
  const answer = isJson ? await response.json() : { refused: await response.text() };
  if (!response.ok) throw new Refused(answer.refused ?? `The playground answered ${response.status}.`);
  return answer;
}
