// One option of a command in the message box: its name, and a field or a button for its value.

import { h } from "./dom.js";
import { pickFiles } from "./files.js";
import { asSent, FILE, objection } from "./values.js";

const NO_FILE = "choose a file";

/** A text field that grows with what is typed, and steers the list above the message box. */
export function textField(label, className) {
  return h("span", {
    class: className,
    contenteditable: "plaintext-only",
    role: "combobox",
    "aria-label": label,
    "aria-controls": "popup",
    "aria-expanded": "false",
    "aria-autocomplete": "list",
    spellcheck: "false",
  });
}

/** `value` is what was chosen from a list, `file` what was attached; a text stands in the field itself. */
export class Pill {
  constructor(option, onfile) {
    const label = `${option.name}: ${option.description}`;
    this.option = option;
    this.value = undefined;
    this.file = null;
    this.problem = null;
    this.takesFile = option.type === FILE;
    this.control = this.takesFile
      ? h("button", { type: "button", class: "pill-file", "aria-label": label }, NO_FILE)
      : textField(label, "pill-field");
    if (this.takesFile) this.control.addEventListener("click", () => pickFiles(false, ([file]) => onfile(file)));
    const name = h("span", { class: "pill-name", onclick: () => this.focus() }, option.name);
    const className = option.required ? "pill required" : "pill";
    this.root = h("span", { class: className, data: { option: option.name } }, name, this.control);
  }

  /** What is typed in its field. */
  get text() {
    return this.takesFile ? "" : this.control.textContent.trim();
  }

  set text(text) {
    this.control.textContent = text;
  }

  get empty() {
    return !this.text && !this.file;
  }

  /** Whether there is anything to be sent. */
  get given() {
    return Boolean(this.file || this.text || this.value !== undefined);
  }

  /** The value as the server reads it; files are sent beside it. */
  get sent() {
    return asSent(this.option, this.text, this.value);
  }

  focus() {
    this.control.focus();
    if (!this.takesFile) toEnd(this.control);
  }

  attach(file) {
    this.file = file;
    this.control.textContent = file?.name ?? NO_FILE;
    this.mark(null);
  }

  /** Looks for what is wrong, and marks it. */
  check() {
    this.mark(this.#objection());
    return this.problem;
  }

  mark(problem) {
    this.problem = problem;
    this.root.classList.toggle("wrong", Boolean(problem));
    this.control.setAttribute("aria-invalid", String(Boolean(problem)));
  }

  /** Whether it could be sent as it stands. */
  get right() {
    return !this.#objection();
  }

  #objection() {
    if (!this.takesFile) return objection(this.option, this.text, this.value);
    return this.option.required && !this.file ? "This option is required. Choose a file." : null;
  }
}

function toEnd(field) {
  const range = document.createRange();
  range.selectNodeContents(field);
  range.collapse(false);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}
