// The fields of a modal: text inputs, select menus, files, radio buttons and check boxes.

import { optionsOf } from "./components.js";
import { fill, h, icon, newId } from "./dom.js";
import { pickFiles, takesFiles, uploadCard } from "./files.js";
import { selectMenu } from "./select.js";

const LINE = 1;
const RADIO = 21;
const MAX_LENGTH = 4000;

/**
 * A field as `{ element, inputId, read(files), objection() }`. `read` gives its value as the server takes it and adds
 * its files to the list; `objection` says why it cannot be submitted, or gives null.
 */
export function fieldFor(component, label, helpId) {
  const makers = { 4: textField, 19: fileField, 21: group, 22: group, 23: checkbox };
  return (makers[component.type] ?? selectField)(component, label, helpId);
}

function textField(component, label, helpId) {
  const { placeholder, required = true, style, value = "" } = component;
  const { max_length: most = MAX_LENGTH, min_length: least = 0 } = component;
  const inputId = newId();
  const input = h(style === LINE ? "input.box" : "textarea.box", {
    id: inputId,
    placeholder,
    maxlength: most,
    "aria-describedby": helpId,
    "aria-required": String(required),
  });
  input.value = value;
  const objection = () => {
    if (required && !input.value.trim()) return "This is required.";
    return input.value && input.value.length < least ? `At least ${least} characters.` : null;
  };
  return { element: input, inputId, read: () => input.value, objection };
}

/** Why so many cannot be chosen; null when they can. */
function wrongCount(count, { required = true, min_values: least = 1, max_values: most = Infinity }, none) {
  if (!count) return required ? none : null;
  if (count > most) return `Choose at most ${most}.`;
  return count < least ? `Choose at least ${least}.` : null;
}

function selectField(component, label) {
  const { placeholder, custom_id: key, max_values: most } = component;
  const options = optionsOf(component);
  let chosen = options.filter((option) => option.chosen).map((option) => option.value);
  const onchange = (values) => (chosen = values);
  const element = selectMenu({ label, placeholder, options, least: 0, most, key, onchange });
  return { element, read: () => chosen, objection: () => wrongCount(chosen.length, component, "Make a selection.") };
}

function fileField(component, label) {
  const most = component.max_values ?? 1;
  let chosen = [];
  const tray = h(".tray");
  const change = (files) => {
    chosen = files.slice(0, most);
    const remove = (file) => change(chosen.filter((each) => each !== file));
    fill(tray, chosen.map((file) => uploadCard(file, () => remove(file))));
  };
  const add = (files) => change([...chosen, ...files]);
  const browse = h(
    "button.browse.box.center",
    { "aria-label": `${label}: choose ${most > 1 ? "files" : "a file"}`, onclick: () => pickFiles(most > 1, add) },
    icon("upload", 24),
    h("span", "Drop files here, or ", h("b", "browse")),
  );
  const element = h(".file-field", browse, tray);
  takesFiles(element, add);
  const read = (files) => chosen.map((file) => ({ file: files.push(file) - 1 }));
  return { element, read, objection: () => wrongCount(chosen.length, component, "Choose a file.") };
}

function group(component, label) {
  const type = component.type === RADIO ? "radio" : "checkbox";
  const name = newId();
  const inputs = component.options.map(({ value, default: checked }) => h("input", { type, name, value, checked }));
  const rows = component.options.map((option, index) => {
    const words = h("span.words", option.label, option.description ? h("small", option.description) : null);
    return h("label.box.line", inputs[index], words);
  });
  const role = type === "radio" ? "radiogroup" : "group";
  const chosen = () => inputs.filter((input) => input.checked).map((input) => input.value);
  return {
    element: h(".column", { role, "aria-label": label }, rows),
    read: () => (type === "radio" ? chosen()[0] : chosen()),
    objection: () => wrongCount(chosen().length, component, "Make a selection."),
  };
}

function checkbox(component) {
  const input = h("input", { type: "checkbox", checked: component.default === true });
  return { element: h("label.box.line", input), read: () => input.checked, objection: () => null };
}
