// Pictures of people who have none: a coloured disc with an initial; the bot has a brush stroke.

import { h } from "./dom.js";

const COLOURS = ["#5865f2", "#3ba55d", "#e8912d", "#d64d7f", "#16a3b4", "#8f5bd4", "#c25b3f"];

/** The disc of a person or of the bot, `size` pixels wide. Decoration: the name always stands beside it. */
export function avatar(user, size = 40) {
  const style = { width: `${size}px`, height: `${size}px`, fontSize: `${size * 0.45}px`, "--disc": colour(user) };
  const kind = user?.bot ? "avatar bot" : "avatar";
  return h("span", { class: kind, style, "aria-hidden": "true" }, user?.bot ? "✦" : initial(user));
}

function initial(user) {
  return (user?.shown ?? user?.global_name ?? user?.username ?? "?").slice(0, 1).toUpperCase();
}

function colour(user) {
  if (user?.bot) return COLOURS[0];
  return COLOURS[1 + (Number(user?.id?.slice(-6) ?? 0) % (COLOURS.length - 1))];
}
