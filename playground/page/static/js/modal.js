// The window (modal) that a bot opens.

import { Refused } from "./api.js";
import { avatar } from "./avatars.js";
import { append, fill, h, iconButton, newId } from "./dom.js";
import { dots } from "./controls.js";
import { fieldFor } from "./fields.js";
import { submitWindow } from "./interactions.js";
import { markdown } from "./markdown.js";
import { on, store } from "./store.js";

const ROW = 1;
const TEXT = 10;
const LABEL = 18;

/** Begins to show the windows that interactions of this page open. */
export function startWindows() {
  on("modal", ({ interaction, modal }) => openModal(interaction, modal));
}

// Closing a window tells the bot nothing, as on Discord.
function openModal(id, modal) {
  const title = h("h2", { id: newId("modal") }, modal.title);
  const problem = h("p", { class: "modal-problem", role: "alert", hidden: true });
  const submit = h("button", { type: "submit", class: "button primary" }, "Submit");
  const parts = modal.components.map(part);
  const close = () => dialog.close();
  const form = h(
    "form",
    { method: "dialog", novalidate: true },
    h("header", { class: "modal-head" }, avatar(store.application, 28), title, iconButton("close", "Close", close)),
    h(
      "div",
      { class: "modal-body" },
      warning(),
      parts.map(({ element }) => element),
      problem,
    ),
    h(
      "footer",
      { class: "modal-foot" },
      h("button", { type: "button", class: "button secondary", onclick: close }, "Cancel"),
      submit,
    ),
  );
  const dialog = h("dialog", { class: "modal", "aria-labelledby": title.id }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await hand(
      id,
      parts.flatMap(({ field }) => field ?? []),
      { dialog, problem, submit },
    );
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  const first = form.querySelector(".modal-body input:not([type=hidden]), .modal-body textarea, .modal-body button");
  (first ?? submit).focus();
}

function warning() {
  const words = "Do not share passwords or other sensitive information.";
  return h("p", { class: "modal-warning" }, `This form will be submitted to ${store.application.shown}. ${words}`);
}

function part(component) {
  if (component.type === TEXT) return { element: markdown(component.content) };
  if (component.type === ROW) return labelled(component.components[0], component.components[0].label, null);
  if (component.type === LABEL) return labelled(component.component, component.label, component.description);
  return { element: h("p", { class: "unknown-component" }, `A component of type ${component.type}`) };
}

function labelled(component, label, description) {
  const helpId = newId("help");
  const field = fieldFor(component, { label, helpId: description ? helpId : null });
  const required = component.required !== false && component.type !== 23;
  const name = h(
    "label",
    { class: "modal-label", for: field.inputId ?? null },
    label,
    required ? h("span", { class: "star", "aria-hidden": "true" }, " *") : null,
  );
  const help = h("p", { class: "modal-help", id: helpId }, description);
  const mistake = h("p", { class: "modal-mistake", role: "alert" });
  const element = h(
    "div",
    { class: "modal-field" },
    component.type === 23 ? [] : name,
    description ? help : null,
    field.element,
    mistake,
  );
  if (component.type === 23) element.prepend(append(field.element, label));
  return { element, field: { ...field, component, mistake, element } };
}

async function hand(id, fields, { dialog, problem, submit }) {
  problem.hidden = true;
  let wrong = null;
  for (const field of fields) {
    const words = field.objection();
    fill(field.mistake, words);
    field.element.classList.toggle("wrong", Boolean(words));
    if (words) wrong ??= field;
  }
  if (wrong) {
    wrong.element.querySelector("input, textarea, button")?.focus();
    return;
  }
  const files = [];
  const values = {};
  for (const field of fields) {
    const value = field.read(files);
    if (value !== undefined) values[field.component.custom_id] = value;
  }
  submit.disabled = true;
  fill(submit, dots());
  try {
    const row = await submitWindow(id, values, files);
    if (row.state === "failed") throw new Refused("Something went wrong. Try again.");
    dialog.close();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    problem.hidden = false;
    fill(problem, error.message);
    submit.disabled = false;
    fill(submit, "Submit");
  }
}
