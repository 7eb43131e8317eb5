// Keeps what is painted and written in this browser for a day, so that a reload, a crash or a new link does not lose it.

const PREFIX = "atelier-painter:";
const DAY = 24 * 3600 * 1000;

function tried(deed) {
  try {
    return deed();
  } catch {
    return null; // no room, or this browser keeps nothing: painting goes on without
  }
}

function forgetOld() {
  for (const key of Object.keys(localStorage).filter((each) => each.startsWith(PREFIX))) {
    const kept = tried(() => JSON.parse(localStorage.getItem(key)));
    if (!kept || !(Date.now() - kept.at < DAY)) localStorage.removeItem(key);
  }
}

const stored = (key) => tried(() => JSON.parse(localStorage.getItem(key)));
const store = (key, what) => tried(() => localStorage.setItem(key, JSON.stringify({ at: Date.now(), ...what })));

export class Keep {
  constructor(picture) {
    this.key = PREFIX + picture;
    this.promptKey = `${PREFIX}prompt:${picture}`;
    tried(forgetOld);
  }

  save(painting) {
    const { width, height } = painting;
    store(this.key, { width, height, runs: painting.runs() });
  }

  /** Paints again what was kept for this picture; whether there was something. */
  restore(painting) {
    const kept = stored(this.key);
    const fits = kept && kept.width === painting.width && kept.height === painting.height && Array.isArray(kept.runs);
    return Boolean(fits) && painting.paint(kept.runs);
  }

  savePrompt(prompt) {
    store(this.promptKey, { prompt });
  }

  /** What was written for this picture, or null. */
  prompt() {
    const kept = stored(this.promptKey);
    return typeof kept?.prompt === "string" ? kept.prompt : null;
  }

  forget() {
    tried(() => localStorage.removeItem(this.key));
    tried(() => localStorage.removeItem(this.promptKey));
  }
}
