// Requests to the bot. URLs are relative to the page.

const SECONDS = 240;
// How long a request is repeated while the bot is busy, in seconds.
const BUSY_SECONDS = 60;
const here = location.pathname.replace(/\/+$/, "");

/** The bot refused the request; `closed` if the link can no longer be used. */
export class Refused extends Error {
  constructor(message, closed) {
    super(message);
    this.closed = closed;
  }
}

async function ask(path, options) {
  const until = Date.now() + BUSY_SECONDS * 1000;
  for (;;) {
    const answer = await fetch(here + path, { ...options, signal: AbortSignal.timeout(SECONDS * 1000) });
    if (answer.ok) return answer;
    const pause = Number(answer.headers.get("Retry-After")) * 1000;
    if (pause > 0 && Date.now() + pause < until) {
      await new Promise((done) => setTimeout(done, pause));
      continue;
    }
    const said = await answer.json();
    throw new Refused(said.message, said.closed);
  }
}

function post(path, body) {
  return ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

export async function open() {
  return (await post("/open", {})).json();
}

export async function picture() {
  return (await ask("/picture")).blob();
}

/** Returns the mask in a file as a black-and-white PNG, and notes on its conversion. Throws Refused with the reason. */
export async function readMask(file) {
  const { mask, notes } = await (await post("/upload", { mask: await base64(file) })).json();
  const bytes = Uint8Array.from(atob(mask), (sign) => sign.charCodeAt(0));
  return { png: new Blob([bytes], { type: "image/png" }), notes };
}

export async function submit(prompt, mask) {
  return (await post("/mask", { prompt, mask: await base64(mask) })).json();
}

function base64(blob) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(blob);
  });
}
