// Keeps what is painted in this browser for a day, so that a reload, a crash or a new link does not lose it.

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

export class Keep {
  constructor(picture) {
    this.key = PREFIX + picture;
    tried(forgetOld);
  }

  save(painting) {
    const { width, height } = painting;
    tried(() => localStorage.setItem(this.key, JSON.stringify({ at: Date.now(), width, height, runs: painting.runs() })));
  }

  /** Paints again what was kept for this picture; whether there was something. */
  restore(painting) {
    const kept = tried(() => JSON.parse(localStorage.getItem(this.key)));
    const fits = kept && kept.width === painting.width && kept.height === painting.height && Array.isArray(kept.runs);
    return Boolean(fits) && painting.paint(kept.runs);
  }

  forget() {
    tried(() => localStorage.removeItem(this.key));
  }
}
