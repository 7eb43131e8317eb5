// The components of a message, classic rows and layouts alike, as a tree of nodes.

import { button, select } from "./controls.js";
import { h } from "./dom.js";
import { markdown } from "./markdown.js";
import { fileCard, gallery, thumbnail } from "./media.js";

const MAKERS = {
  1: row,
  2: button,
  3: select,
  5: select,
  6: select,
  7: select,
  8: select,
  9: section,
  10: (component) => markdown(component.content, { class: "text-display" }),
  11: (component) => thumbnail(component),
  12: (component) => gallery(component.items),
  13: (component) =>
    fileCard({ name: component.name, size: component.size, src: component.file.src, spoiler: component.spoiler }),
  14: separator,
  17: container,
};

/** The nodes of a message's components. A type that Discord has and this page does not is named, not left out. */
export function components(list, message) {
  return list.map((component) => one(component, message));
}

function one(component, message) {
  const make = MAKERS[component.type];
  return make
    ? make(component, message)
    : h("p", { class: "unknown-component" }, `A component of type ${component.type}`);
}

function row(component, message) {
  return h("div", { class: "action-row" }, components(component.components, message));
}

function section(component, message) {
  return h(
    "div",
    { class: "section" },
    h("div", { class: "section-texts" }, components(component.components, message)),
    h("div", { class: "accessory" }, one(component.accessory, message)),
  );
}

function separator(component) {
  const spacing = component.spacing === 2 ? "large" : "small";
  return component.divider === false
    ? h("div", { class: `spacer ${spacing}` })
    : h("hr", { class: `separator ${spacing}` });
}

function container(component, message) {
  const accent = component.accent_color ?? null;
  const box = h(
    "div",
    {
      class: accent === null ? "container" : "container accented",
      style: accent === null ? {} : { "--accent": hex(accent) },
    },
    components(component.components, message),
  );
  if (component.spoiler) coverUp(box);
  return box;
}

function coverUp(box) {
  box.classList.add("covered");
  const reveal = () => {
    box.classList.remove("covered");
    cover.remove();
  };
  const cover = h(
    "button",
    { type: "button", class: "cover", "aria-label": "Show the spoiler", onclick: reveal },
    h("span", {}, "Spoiler"),
  );
  box.append(cover);
}

/** 0x5865F2 → "#5865f2" */
export const hex = (number) => `#${number.toString(16).padStart(6, "0")}`;
