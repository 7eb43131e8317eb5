// Times as Discord writes them, and those that tick.

import { h } from "./dom.js";

const format = (dateStyle, timeStyle) => new Intl.DateTimeFormat("en-GB", { dateStyle, timeStyle });

// The styles of a timestamp in a text (Discord's "Message Formatting", "Timestamp Styles").
const STYLES = {
  t: format(undefined, "short"),
  T: format(undefined, "medium"),
  d: format("short"),
  D: format("long"),
  f: format("long", "short"),
  F: format("full", "short"),
  s: format("short", "short"),
  S: format("short", "medium"),
};

/** The time of day, a day in numbers and in words, day and time in words. */
const [clock, date, day, inFull] = ["t", "d", "D", "F"].map((style) => (time) => STYLES[style].format(new Date(time)));
export { clock, inFull };

/** When a message was written: the clock for today, day and clock for earlier. */
export const stamp = (time) => (day(time) === day(Date.now()) ? clock(time) : `${date(time)} ${clock(time)}`);

/** A `<t:seconds:style>`; the relative ones tick. */
export function timestamp(seconds, style) {
  const time = new Date(seconds * 1000);
  if (Number.isNaN(time.getTime())) return h("span.timestamp", "Invalid Date");
  const ticking = style === "R";
  const text = ticking ? relative(seconds) : STYLES[style].format(time);
  const data = ticking ? { ticking: seconds } : {};
  return h("time.timestamp", { datetime: time.toISOString(), title: inFull(time), data }, text);
}

const UNITS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];
const RELATIVE = new Intl.RelativeTimeFormat("en-GB");

/** How long ago, or how far ahead: "5 seconds ago", "in 1 hour". */
function relative(seconds) {
  const apart = Math.round(seconds - Date.now() / 1000);
  const [unit, size] = UNITS.find(([, least]) => Math.abs(apart) >= least) ?? UNITS.at(-1);
  return RELATIVE.format(Math.round(apart / size), unit);
}

setInterval(() => {
  for (const element of document.querySelectorAll("time[data-ticking]"))
    element.textContent = relative(Number(element.dataset.ticking));
}, 1000);
