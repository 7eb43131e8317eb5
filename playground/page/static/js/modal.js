// The modal that a bot opens.

import { Refused } from "./api.js";
import { dots, unknown } from "./components.js";
import { fill, h, iconButton, newId } from "./dom.js";
import { fieldFor } from "./fields.js";
import { submitModal } from "./interactions.js";
import { markdown } from "./markdown.js";
import { on, store } from "./store.js";
import { avatar } from "./users.js";

const ROW = 1;
const TEXT = 10;
const LABEL = 18;
const CHECKBOX = 23;

/** Shows the modals that interactions of this page open. */
export const startModals = () => on("modal", open);

// Closing a modal tells the bot nothing, as on Discord.
function open({ id, modal }) {
  const title = h("h2.grow", { id: newId() }, modal.title);
  const problem = h("p.mistake", { role: "alert" });
  const submit = h("button.button.primary", { type: "submit" }, "Submit");
  const parts = modal.components.map(part);
  const fields = parts.flatMap(({ field }) => field ?? []);
  const close = () => dialog.close();
  const words = "Do not share passwords or other sensitive information.";
  const warning = h("p.box.small", `This form will be submitted to ${store.application.shown}. ${words}`);
  const form = h(
    "form.modal-form.column",
    { novalidate: true },
    h("header.line", avatar(store.application, 28), title, iconButton("close", "Close", close)),
    h(".modal-body.column.scroll", warning, parts.map(({ element }) => element), problem),
    h("footer.line", h("button.button.secondary", { onclick: close }, "Cancel"), submit),
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
