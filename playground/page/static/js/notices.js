// Short words at the edge of the screen, for what was refused and what was done.

import { h, icon, iconButton } from "./dom.js";
import { Refused } from "./api.js";

const SHOWN_FOR = 7000;

/** Shows words for some seconds; "bad" ones are read out at once. */
export function notice(text, kind = "good") {
  const close = () => note.remove();
  const note = h(
    "div",
    { class: `notice ${kind}`, role: kind === "bad" ? "alert" : "status" },
    icon(kind === "bad" ? "warning" : "check"),
    h("p", {}, text),
    iconButton("close", "Close", close),
  );
  document.getElementById("notices").append(note);
  setTimeout(close, SHOWN_FOR);
}

/** Runs something; what is refused on the way is shown. Undefined then. */
export async function told(work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    notice(error.message, "bad");
    return undefined;
  }
}
