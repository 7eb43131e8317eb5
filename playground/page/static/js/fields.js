// The fields of a window: text inputs, select menus, files, radio buttons and check boxes.

import { optionsOf, valuesOf } from "./controls.js";
import { fill, h, icon, newId } from "./dom.js";
import { dropTarget, filesOf, pickFiles, uploadCard } from "./files.js";
import { listbox } from "./listbox.js";

const LINE = 1;
const LONGEST = 4000;

/**
 * A field as `{ element, inputId, read(files), objection() }`. `read` gives its value as the server takes it and adds
 * its files to the list; `objection` says why it cannot be submitted, or gives null.
 */
export function fieldFor(component, about) {
  if (component.type === 4) return textField(component, about);
  if (component.type === 19) return fileField(component, about);
  if (component.type === 21) return group(component, about, "radio");
  if (component.type === 22) return group(component, about, "checkbox");
  if (component.type === 23) return checkbox(component);
  return selectField(component, about);
}

function textField(component, { helpId }) {
  const inputId = newId("input");
  const most = component.max_length ?? LONGEST;
  const required = component.required !== false;
  const properties = {
    id: inputId,
    placeholder: component.placeholder,
    maxlength: most,
    "aria-describedby": helpId,
    "aria-required": String(required),
    data: { key: component.custom_id },
  };
  const input =
    component.style === LINE ? h("input", { type: "text", ...properties }) : h("textarea", { rows: 4, ...properties });
  input.value = component.value ?? "";
  const left = h("span", { class: "counter", "aria-hidden": "true" });
  const count = () => fill(left, `${input.value.length}/${most}`);
  input.addEventListener("input", count);
  count();
  const objection = () => {
    if (required && !input.value.trim()) return "This is required.";
    const least = component.min_length ?? 0;
    return input.value && input.value.length < least ? `At least ${least} characters.` : null;
  };
  return {
    element: h("div", { class: "text-field" }, input, component.max_length ? left : null),
    inputId,
    read: () => input.value,
    objection,
  };
}

function selectField(component, { label }) {
  const options = optionsOf(component);
  let chosen = options.filter((option) => option.chosen).map((option) => option.key);
  const required = component.required !== false;
  const least = component.min_values ?? 1;
  const most = component.max_values ?? 1;
  const element = listbox({
    label,
    placeholder: component.placeholder,
    options,
    least: 0,
    most,
    chosen,
    key: component.custom_id,
    onclose: (keys) => (chosen = keys),
  });
  const objection = () => {
    if (!chosen.length) return required ? "Make a selection." : null;
    return chosen.length < least ? `Choose at least ${least}.` : null;
  };
  return { element, read: () => valuesOf(component, chosen), objection };
}

function fileField(component, { label }) {
  const most = component.max_values ?? 1;
  const least = component.min_values ?? 1;
  const required = component.required !== false;
  let chosen = [];
  const tray = h("div", { class: "modal-files" });
  const take = (files) => {
    chosen = [...chosen, ...files].slice(0, most);
    draw();
  };
  const draw = () =>
    fill(
      tray,
      chosen.map((file) =>
        uploadCard(file, () => {
          chosen = chosen.filter((each) => each !== file);
          draw();
        }),
      ),
    );
  const browse = h(
    "button",
    {
      type: "button",
      class: "browse",
      "aria-label": `${label}: choose ${most > 1 ? "files" : "a file"}`,
      data: { key: component.custom_id },
      onclick: () => pickFiles(most > 1, take),
    },
    icon("upload", 24),
    h("span", {}, "Drop files here, or ", h("b", {}, "browse")),
  );
  const element = h("div", { class: "file-field" }, browse, tray);
  dropTarget(element, take);
  element.addEventListener("paste", (event) => take(filesOf(event.clipboardData)));
  const read = (files) => chosen.map((file) => ({ file: files.push(file) - 1 }));
  const objection = () => {
    if (!chosen.length && !required) return null;
    return chosen.length < Math.max(least, required ? 1 : 0) ? "Choose a file." : null;
  };
  return { element, read, objection };
}

function group(component, { label }, type) {
  const name = newId("group");
  const inputs = component.options.map((option) =>
    h("input", { type, name, value: option.value, checked: option.default === true }),
  );
  const rows = component.options.map((option, index) =>
    h(
      "label",
      { class: "choice" },
      inputs[index],
      h("span", {}, option.label, option.description ? h("small", {}, option.description) : null),
    ),
  );
  const chosen = () => inputs.filter((input) => input.checked).map((input) => input.value);
  const required = component.required !== false;
  const most = component.max_values ?? component.options.length;
  const least = component.min_values ?? 1;
  const objection = () => {
    const count = chosen().length;
    if (!count) return required ? "Make a selection." : null;
    if (type === "radio") return null;
    if (count > most) return `Choose at most ${most}.`;
    return count < least ? `Choose at least ${least}.` : null;
  };
  const read = () => (type === "radio" ? chosen()[0] : chosen());
  return {
    element: h("div", { class: "choices", role: type === "radio" ? "radiogroup" : "group", "aria-label": label }, rows),
    read,
    objection,
  };
}

function checkbox(component) {
  const input = h("input", { type: "checkbox", checked: component.default === true });
  return { element: h("label", { class: "choice" }, input), read: () => input.checked, objection: () => null };
}
