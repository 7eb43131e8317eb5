// The live line to the server: everything that stands when it opens, then everything that changes.

import { store, take, tell } from "./store.js";

const FIRST_WAIT = 300;
const LONGEST_WAIT = 4000;

let socket = null;
let wait = FIRST_WAIT;

/** Opens the line as this person; the one before is left. */
export function connect(as) {
  store.as = as;
  socket?.close();
  open(as);
}

function open(as) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const mine = new WebSocket(`${scheme}://${location.host}/api/live?as=${encodeURIComponent(as)}`);
  socket = mine;
  mine.onmessage = (event) => {
    if (socket !== mine) return;
    wait = FIRST_WAIT;
    tell("line", true);
    take(JSON.parse(event.data));
  };
  mine.onclose = () => {
    if (socket !== mine) return;
    tell("line", false);
    setTimeout(() => socket === mine && open(as), wait);
    wait = Math.min(LONGEST_WAIT, wait * 2);
  };
}
