// Times as Discord writes them, and those that tick.

import { h } from "./dom.js";

const TICK = 1000;
const DAY = 86400;

const format = (options) => new Intl.DateTimeFormat("en-GB", options);
const CLOCK = format({ hour: "2-digit", minute: "2-digit" });
const DATE = format({ day: "2-digit", month: "2-digit", year: "numeric" });
const LONG = format({ day: "numeric", month: "long", year: "numeric" });
const FULL = format({
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});

// The styles of a timestamp in a text (Discord's "Message Formatting", "Timestamp Styles").
const STYLES = {
  t: CLOCK,
  T: format({ hour: "2-digit", minute: "2-digit", second: "2-digit" }),
  d: DATE,
  D: LONG,
  f: format({ day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" }),
  F: FULL,
  s: format({ day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit" }),
  S: format({
    day: "2-digit",
    month: "2-digit",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }),
};

/** The time of day of an ISO time. */
export const clock = (iso) => CLOCK.format(new Date(iso));

/** An ISO time in full words. */
export const inFull = (iso) => FULL.format(new Date(iso));

/** The day of an ISO time. */
export const day = (iso) => LONG.format(new Date(iso));

/** When a message was written: the clock for today, day and clock for earlier. */
export function stamp(iso) {
  const date = new Date(iso);
  const days = Math.round((midnight(new Date()) - midnight(date)) / (DAY * 1000));
  if (days === 0) return CLOCK.format(date);
  return days === 1 ? `Yesterday at ${CLOCK.format(date)}` : `${DATE.format(date)} ${CLOCK.format(date)}`;
}

const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

/** A `<t:seconds:style>`; the relative ones tick. */
export function timestamp(seconds, style) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return h("span", { class: "timestamp" }, "Invalid Date");
  const ticking = style === "R";
  const text = ticking ? relative(seconds) : (STYLES[style] ?? STYLES.f).format(date);
  const data = ticking ? { ticking: seconds } : {};
  return h("time", { class: "timestamp", datetime: date.toISOString(), title: FULL.format(date), data }, text);
}

const STEPS = [
  [60, 1, "second"],
  [3600, 60, "minute"],
  [DAY, 3600, "hour"],
  [30 * DAY, DAY, "day"],
  [365 * DAY, 30 * DAY, "month"],
  [Infinity, 365 * DAY, "year"],
];

/** How long ago, or how far ahead: "5 seconds ago", "in an hour". */
export function relative(seconds, now = Date.now() / 1000) {
  const apart = Math.abs(Math.round(now - seconds));
  const [, unit, name] = STEPS.find(([below]) => apart < below);
  const count = Math.max(unit === 1 ? 0 : 1, Math.round(apart / unit));
  const article = name === "hour" ? "an" : "a";
  const words = count === 1 && name !== "second" ? `${article} ${name}` : `${count} ${name}${count === 1 ? "" : "s"}`;
  return seconds > now ? `in ${words}` : `${words} ago`;
}

setInterval(() => {
  for (const element of document.querySelectorAll("time[data-ticking]")) {
    const text = relative(Number(element.dataset.ticking));
    if (element.textContent !== text) element.textContent = text;
  }
}, TICK);
