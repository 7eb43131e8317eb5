// Starts the parts of the page, then opens the connection to the server.

import { startChat } from "./chat.js";
import { startComposer } from "./composer.js";
import { icon, moveFocus } from "./dom.js";
import { startModals } from "./modal.js";
import { lastActing, startSidebar } from "./sidebar.js";
import { connect, on } from "./store.js";
import { startSwitches } from "./switches.js";
import { startTraffic } from "./traffic.js";

const THEME = "atelier-playground-theme";

function startTheme() {
  const { style } = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  style.colorScheme = localStorage.getItem(THEME) ?? "";
  document.getElementById("theme").addEventListener("click", () => {
    style.colorScheme = (style.colorScheme || system) === "dark" ? "light" : "dark";
    localStorage.setItem(THEME, style.colorScheme);
  });
}

function startTabs() {
  const tabs = [...document.querySelectorAll("[role=tab]")];
  const choose = (tab) => {
    for (const each of tabs) {
      each.ariaSelected = String(each === tab);
      each.tabIndex = each === tab ? 0 : -1;
      document.getElementById(each.getAttribute("aria-controls")).hidden = each !== tab;
    }
  };
  for (const tab of tabs) {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => moveFocus(event, tabs)?.click());
  }
}

for (const each of document.querySelectorAll("[data-icon]")) each.prepend(icon(each.dataset.icon, 22));
startTheme();
startTabs();
startSidebar();
startChat();
startComposer();
startModals();
startTraffic();
startSwitches();
on("connection", (isOpen) => {
  document.getElementById("connection-lost").hidden = isOpen;
});
connect(lastActing());
