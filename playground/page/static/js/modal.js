// The modal that a bot opens: text inputs, select menus, files, radio buttons and check boxes.

import { Refused, submitModal } from "./api.js";
import { dots, optionsOf, selectMenu, unknown } from "./components.js";
import { fill, h, icon, iconButton, newId } from "./dom.js";
import { markdown } from "./markdown.js";
import { pickFiles, takesFiles, uploadCard } from "./media.js";
import { on, store } from "./store.js";
import { avatar } from "./users.js";

const ROW = 1;
const TEXT = 10;
const LABEL = 18;
const RADIO = 21;
const CHECKBOX = 23;
// The style of an input of one line, and the most characters of an input.
const LINE = 1;
const MAX_LENGTH = 4000;

/** Shows the modals that interactions of this page open. */
export const startModals = () => on("modal", open);

// Closing a modal tells the bot nothing, as on Discord.
function open({ id, modal }) {
  const title = h("h2.grow", { id: newId() }, modal.title);
  const problem = h("p.mistake", { role: "alert" });
  const submit = h("button.button.primary.grow", { type: "submit" }, "Submit");
  const parts = modal.components.map(part);
  const fields = parts.flatMap(({ field }) => field ?? []);
  const close = () => dialog.close();
  const form = h(
    "form.modal-form.column",
    { novalidate: true },
    h("header.line", avatar(store.application, 28), title, iconButton("close", "Close", close)),
    h(".modal-body.column.scroll", parts.map(({ element }) => element), problem),
    h("footer.line", h("button.button.secondary.grow", { onclick: close }, "Cancel"), submit),
  );
  const dialog = h("dialog.modal.card", { "aria-labelledby": title.id, onclose: () => dialog.remove() }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    fill(problem);
    if (isWrong(fields)) return;
    submit.disabled = true;
    fill(submit, dots());
    const refused = await send(id, fields);
    if (refused === null) return close();
    fill(problem, refused);
    submit.disabled = false;
    fill(submit, "Submit");
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  document.body.append(dialog);
  dialog.showModal();
  (form.querySelector(".modal-body :is(input, textarea, button)") ?? submit).focus();
}

function part(component) {
  const inner = component.components?.[0];
  if (component.type === TEXT) return { element: markdown(component.content) };
  if (component.type === ROW) return labelled(inner, inner.label, null);
  if (component.type === LABEL) return labelled(component.component, component.label, component.description);
  return { element: unknown(component) };
}

function labelled(component, label, description) {
  const help = description ? h("p.modal-help.small", { id: newId() }, description) : null;
  const field = fieldFor(component, label, help?.id);
  const mistake = h("p.mistake", { role: "alert" });
  const star = component.required !== false ? h("span.star", { "aria-hidden": "true" }, " *") : null;
  const isCheckbox = component.type === CHECKBOX;
  const name = h("label", { for: field.inputId }, h("b", label), star);
  if (isCheckbox) field.element.append(label);
  const element = h(".modal-field.column", isCheckbox ? null : name, help, field.element, mistake);
  return { element, field: { ...field, component, mistake, element } };
}

/** Marks what is wrong and goes to the first of it. */
function isWrong(fields) {
  const wrong = fields.filter(({ objection, mistake, element }) => {
    const words = objection();
    fill(mistake, words);
    element.classList.toggle("wrong", Boolean(words));
    return words;
  });
  wrong[0]?.element.querySelector("input, textarea, button").focus();
  return wrong.length > 0;
}

/** Why the bot did not take it; null when it did. */
async function send(id, fields) {
  const files = [];
  const read = fields.map(({ component, read: value }) => [component.custom_id, value(files)]);
  try {
    const given = Object.fromEntries(read.filter(([, value]) => value !== undefined));
    return (await submitModal(id, given, files)) ? null : "Something went wrong. Try again.";
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return error.message;
  }
}

// Fields.

/**
 * A field as `{ element, inputId, read(files), objection() }`. `read` gives its value as the server takes it and adds
 * its files to the list; `objection` says why it cannot be submitted, or gives null.
 */
function fieldFor(component, label, helpId) {
  const makers = { 4: textField, 19: fileField, 21: group, 22: group, 23: checkbox };
  return (makers[component.type] ?? selectField)(component, label, helpId);
}

function textField(component, label, helpId) {
  const { placeholder, required = true, style, value = "" } = component;
  const { max_length: most = MAX_LENGTH, min_length: least = 0 } = component;
  const inputId = newId();
  const input = h(style === LINE ? "input.box" : "textarea.box", {
    id: inputId,
    rows: 4,
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
    h("span", "Drop files here, or ", h("b.link-button", "browse")),
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
