// Stores the mask and the prompt in this browser for a day, so that they survive a reload, a crash or a new link.

const PREFIX = "atelier-painter:";
const DAY = 24 * 3600 * 1000;

function tried(deed) {
  try {
    return deed();
  } catch {
    return null; // storage is full or disabled: the editor works without it
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

  /** Restores the stored mask of this image; returns whether there was one. */
  restore(painting) {
    const kept = stored(this.key);
    const fits = kept && kept.width === painting.width && kept.height === painting.height && Array.isArray(kept.runs);
    return Boolean(fits) && painting.paint(kept.runs);
  }

  savePrompt(prompt) {
    store(this.promptKey, { prompt });
  }

  /** The stored prompt of this image, or null. */
  prompt() {
    const kept = stored(this.promptKey);
    return typeof kept?.prompt === "string" ? kept.prompt : null;
  }

  forget() {
    tried(() => localStorage.removeItem(this.key));
    tried(() => localStorage.removeItem(this.promptKey));
  }
}
