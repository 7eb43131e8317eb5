// A select menu: a box that opens the list of its options, in messages and modals.

import { fill, h, icon, moveFocus, newId } from "./dom.js";
import { emit } from "./store.js";

/**
 * `options` are `{ label, description, sign, value, chosen }`. `onchange(values)` is called when the list closes with
 * another choice than before; a choice of fewer than `least` is taken back.
 */
export function selectMenu({ label, placeholder, options, least = 1, most = 1, disabled, key, onchange }) {
  const several = most > 1;
  let chosen = new Set(options.filter((option) => option.chosen));
  let before = chosen;
  const rows = options.map((option) => row(option, () => pick(option)));
  const about = { role: "listbox", id: newId(), "aria-label": label, "aria-multiselectable": String(several) };
  const list = h(".options.floating", { popover: "auto", ...about }, rows);
  const shown = h("span.line.grow");
  const box = h(
    "button.select.box.line",
    {
      role: "combobox",
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      "aria-controls": list.id,
      "aria-label": label,
      disabled,
      data: { key },
    },
    shown,
    icon("down", 18),
  );
  box.popoverTargetElement = list;

  const draw = () => {
    rows.forEach((element, index) => {
      element.ariaSelected = String(chosen.has(options[index]));
      // The first of these gets the focus when the list opens.
      element.autofocus = chosen.has(options[index]) || (!chosen.size && index === 0);
    });
    const picked = [...chosen].map((option) => h("span.line", option.sign?.cloneNode(true), option.label));
    fill(shown, picked.length ? picked : h("span.muted", placeholder || "Make a selection"));
  };
  const pick = (option) => {
    if (!several) chosen = new Set([option]);
    else if (!chosen.delete(option) && chosen.size < most) chosen.add(option);
    draw();
    if (!several) list.hidePopover();
  };
  list.addEventListener("beforetoggle", ({ newState }) => {
    box.setAttribute("aria-expanded", String(newState === "open"));
    if (newState === "open") before = new Set(chosen);
  });
  list.addEventListener("toggle", ({ newState }) => {
    if (newState === "open") return;
    if (chosen.size < least) chosen = before;
    draw();
    if (chosen.symmetricDifference(before).size) onchange([...chosen].map((option) => option.value));
    emit("select-closed");
  });
  list.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Tab") list.hidePopover();
    else moveFocus(event, rows);
  });
  box.addEventListener("keydown", (event) => {
    if (!["ArrowDown", "ArrowUp"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    list.showPopover({ source: box });
  });
  draw();
  return h(".select-menu", box, list);
}

function row({ label, description, sign }, onclick) {
  const words = h("span.words.grow", h("span", label), description ? h("small", description) : null);
  const properties = { role: "option", tabindex: -1, data: { label }, onclick };
  return h("button.item", properties, sign, words);
}
