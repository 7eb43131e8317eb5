// A list of options that opens below its box: for select menus in messages and windows.

import { append, fill, h, icon, newId } from "./dom.js";
import { tell } from "./store.js";

/**
 * A select menu. `options` are `{ key, label, description, sign }`; `chosen` holds keys. `onclose(keys)` is called
 * when the list closes with another choice than before.
 */
export function listbox({
  label,
  placeholder,
  options,
  least = 1,
  most = 1,
  chosen = [],
  disabled = false,
  key = null,
  onclose,
}) {
  const state = { options, most, chosen: new Set(chosen), before: new Set(chosen), at: 0, typed: "" };
  const list = h("div", {
    class: "listbox-list",
    role: "listbox",
    id: newId("list"),
    "aria-label": label,
    "aria-multiselectable": most > 1,
    hidden: true,
  });
  const shown = h("span", { class: "listbox-shown" });
  const box = h(
    "button",
    {
      type: "button",
      class: "listbox-box",
      role: "combobox",
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      "aria-controls": list.id,
      "aria-label": label,
      disabled,
      data: key ? { key } : {},
    },
    shown,
    icon("down", 18),
  );
  const root = h("div", { class: "listbox" }, box, list);
  const parts = { root, box, list, shown, placeholder, least, onclose };
  box.addEventListener("click", () => (list.hidden ? open(state, parts) : close(state, parts)));
  box.addEventListener("keydown", (event) => onKey(event, state, parts));
  drawShown(state, parts);
  return root;
}

function drawShown(state, { shown, placeholder }) {
  const picked = state.options.filter((option) => state.chosen.has(option.key));
  if (!picked.length) fill(shown, h("span", { class: "placeholder" }, placeholder || "Make a selection"));
  else
    fill(
      shown,
      picked.map((option) =>
        h("span", { class: state.most > 1 ? "picked many" : "picked" }, option.sign, option.label),
      ),
    );
}

function open(state, parts) {
  state.before = new Set(state.chosen);
  state.typed = "";
  state.at = Math.max(
    0,
    state.options.findIndex((option) => state.chosen.has(option.key)),
  );
  parts.list.hidden = false;
  parts.box.setAttribute("aria-expanded", "true");
  const room = window.innerHeight - parts.box.getBoundingClientRect().bottom;
  parts.root.classList.toggle("upwards", room < 260);
  drawList(state, parts);
  parts.outside = (event) => !parts.root.contains(event.target) && close(state, parts);
  parts.blurred = () => setTimeout(() => !parts.root.contains(document.activeElement) && close(state, parts), 0);
  document.addEventListener("pointerdown", parts.outside);
  parts.box.addEventListener("blur", parts.blurred);
}

function close(state, parts, keep = true) {
  if (parts.list.hidden) return;
  document.removeEventListener("pointerdown", parts.outside);
  parts.box.removeEventListener("blur", parts.blurred);
  parts.list.hidden = true;
  parts.box.setAttribute("aria-expanded", "false");
  parts.box.removeAttribute("aria-activedescendant");
  const enough = state.chosen.size >= parts.least;
  if (!keep || !enough) state.chosen = new Set(state.before);
  drawShown(state, parts);
  const changed = state.chosen.size !== state.before.size || [...state.chosen].some((each) => !state.before.has(each));
  if (changed) parts.onclose?.([...state.chosen]);
  tell("released");
}

function drawList(state, parts) {
  const rows = visible(state).map((option, index) => {
    const picked = state.chosen.has(option.key);
    const row = h(
      "div",
      {
        class: index === state.at ? "option active" : "option",
        role: "option",
        id: `${parts.list.id}-${index}`,
        "aria-selected": String(picked),
      },
      option.sign ? h("span", { class: "option-sign" }, option.sign.cloneNode(true)) : null,
      h(
        "span",
        { class: "option-words" },
        h("span", {}, option.label),
        option.description ? h("small", {}, option.description) : null,
      ),
      state.most > 1
        ? h("span", { class: picked ? "tick on" : "tick" }, picked ? icon("check", 14) : null)
        : picked
          ? h("span", { class: "dot" })
          : null,
    );
    row.addEventListener("pointerdown", (event) => event.preventDefault());
    row.addEventListener("click", () => pick(state, parts, option));
    return row;
  });
  fill(parts.list, rows.length ? rows : h("div", { class: "option none" }, "Nothing fits"));
  const active = parts.list.children[state.at];
  if (active?.id) parts.box.setAttribute("aria-activedescendant", active.id);
  active?.scrollIntoView({ block: "nearest" });
  if (state.typed) append(parts.list, h("div", { class: "typed", "aria-hidden": "true" }, `“${state.typed}”`));
}

const visible = ({ options, typed }) =>
  options.filter((option) => option.label.toLowerCase().includes(typed.toLowerCase()));

function pick(state, parts, option) {
  if (state.most === 1) {
    state.chosen = new Set([option.key]);
    close(state, parts);
    return;
  }
  if (state.chosen.has(option.key)) state.chosen.delete(option.key);
  else if (state.chosen.size < state.most) state.chosen.add(option.key);
  drawShown(state, parts);
  drawList(state, parts);
}

function onKey(event, state, parts) {
  if (parts.list.hidden) {
    if (["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      open(state, parts);
    }
    return;
  }
  const options = visible(state);
  const moves = { ArrowDown: state.at + 1, ArrowUp: state.at - 1, Home: 0, End: options.length - 1 };
  if (event.key in moves) state.at = (moves[event.key] + options.length) % Math.max(1, options.length);
  else if (event.key === "Enter" || (event.key === " " && !state.typed))
    options[state.at] && pick(state, parts, options[state.at]);
  else if (event.key === "Escape") close(state, parts, parts.least === 0 || state.most > 1);
  else if (event.key === "Tab") return void close(state, parts);
  else if (event.key === "Backspace") state.typed = state.typed.slice(0, -1);
  else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
    state.typed += event.key;
    state.at = 0;
  } else return;
  event.preventDefault();
  event.stopPropagation();
  if (!parts.list.hidden) drawList(state, parts);
}
