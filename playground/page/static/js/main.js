// The page's beginning: its parts are started, then the line to the server is opened.

import { startChat } from "./chat.js";
import { dropHint, startComposer } from "./composer.js";
import { fill, icon } from "./dom.js";
import { startWindows } from "./modal.js";
import { remembered, startPlaces } from "./places.js";
import { connect } from "./socket.js";
import { on } from "./store.js";
import { startSwitches } from "./switches.js";
import { startTraffic } from "./traffic.js";

const LOOK = "atelier-playground-look";

function startLook() {
  const system = matchMedia("(prefers-color-scheme: light)");
  const button = document.getElementById("look");
  const current = () => localStorage.getItem(LOOK) ?? (system.matches ? "light" : "dark");
  const show = () => {
    document.documentElement.dataset.look = current();
    const other = current() === "dark" ? "light" : "dark";
    fill(button, icon(other === "light" ? "sun" : "moon", 20));
    button.setAttribute("aria-label", `Switch to the ${other} look`);
    button.title = `Switch to the ${other} look`;
  };
  button.addEventListener("click", () => {
    localStorage.setItem(LOOK, current() === "dark" ? "light" : "dark");
    show();
  });
  system.addEventListener("change", show);
  show();
}

function startSides() {
  const body = document.body;
  for (const [id, side] of [
    ["open-left", "left-open"],
    ["open-right", "right-open"],
  ]) {
    const button = document.getElementById(id);
    button.append(icon(side === "left-open" ? "menu" : "sliders", 22));
    button.addEventListener("click", () => {
      const open = body.classList.toggle(side);
      button.setAttribute("aria-expanded", String(open));
    });
  }
  document.getElementById("shade").addEventListener("click", () => body.classList.remove("left-open", "right-open"));
  document.addEventListener("keydown", (event) => event.key === "Escape" && body.classList.remove("left-open"));
}

function startTabs() {
  const tabs = [...document.querySelectorAll("[role=tab]")];
  const choose = (tab) => {
    for (const each of tabs) {
      each.setAttribute("aria-selected", String(each === tab));
      each.tabIndex = each === tab ? 0 : -1;
      document.getElementById(each.getAttribute("aria-controls")).hidden = each !== tab;
    }
  };
  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by) return;
      const next = tabs[(index + by + tabs.length) % tabs.length];
      choose(next);
      next.focus();
    });
  });
}

for (const [id, name] of [
  ["attach", "plus"],
  ["send", "send"],
  ["to-end", "down"],
])
  document.getElementById(id).prepend(icon(name, 22));
document.getElementById("chat").append(dropHint());
startLook();
startSides();
startTabs();
startPlaces();
startChat();
startComposer();
startWindows();
startTraffic();
startSwitches();
on("line", (open) => {
  document.getElementById("line-lost").hidden = open;
});
connect(remembered());
