// Starts the parts of the page, then opens the connection to the server.

import { startChat } from "./chat.js";
import { startComposer } from "./composer.js";
import { fill, icon, moveFocus } from "./dom.js";
import { startModals } from "./modal.js";
import { lastActing, startSidebar } from "./sidebar.js";
import { connect, on } from "./store.js";
import { startSwitches } from "./switches.js";
import { startTraffic } from "./traffic.js";

const THEME = "atelier-playground-theme";

function startTheme() {
  const systemIsLight = matchMedia("(prefers-color-scheme: light)");
  const button = document.getElementById("theme");
  const draw = () => {
    const chosen = localStorage.getItem(THEME);
    const isDark = chosen ? chosen === "dark" : !systemIsLight.matches;
    const label = `Switch to the ${isDark ? "light" : "dark"} theme`;
    document.documentElement.style.colorScheme = isDark ? "dark" : "light";
    fill(button, icon(isDark ? "sun" : "moon"));
    button.ariaLabel = button.title = label;
    return isDark;
  };
  button.addEventListener("click", () => {
    localStorage.setItem(THEME, draw() ? "light" : "dark");
    draw();
  });
  systemIsLight.addEventListener("change", draw);
  draw();
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
