// What is asked of the bot. Addresses are relative to the page's own.

const SECONDS = 240;
const here = location.pathname.replace(/\/+$/, "");

/** The bot said no; `closed` when this link is of no more use. */
export class Refused extends Error {
  constructor(message, closed) {
    super(message);
    this.closed = closed;
  }
}

async function ask(path, options) {
  const answer = await fetch(here + path, { ...options, signal: AbortSignal.timeout(SECONDS * 1000) });
  if (answer.ok) return answer;
  const said = await answer.json();
  throw new Refused(said.message, said.closed);
}

export async function open() {
  return (await ask("/open", { method: "POST" })).json();
}

export async function picture() {
  return (await ask("/picture")).blob();
}

export async function submit(prompt, mask) {
  const body = JSON.stringify({ prompt, mask: await base64(mask) });
  return (await ask("/mask", { method: "POST", headers: { "Content-Type": "application/json" }, body })).json();
}

function base64(blob) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(blob);
  });
}
