// Starts the parts of the page, then opens the connection to the server.

import { startChat } from "./chat.js";
import { startComposer } from "./composer.js";
import { icon, moveFocus } from "./dom.js";
import { startModals } from "./modal.js";
import { lastActing, startSidebar } from "./sidebar.js";
import { connect, on } from "./store.js";
import { startSwitches } from "./switches.js";
import { startTraffic } from "./traffic.js";

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
