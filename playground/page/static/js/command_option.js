// One option of a command in the message box: its name, a field or a button for its value, and what may be chosen.

import { Refused, send } from "./api.js";
import { h } from "./dom.js";
import { pickFiles } from "./media.js";
import { store } from "./store.js";
import { channels, people, roles } from "./users.js";

// Discord's types of options.
const TEXT = 3;
const INTEGER = 4;
const BOOLEAN = 5;
const NUMBER = 10;
export const FILE = 11;

const NO_FILE = "choose a file";
const MAX_CHOICES = 25;
const LISTS = {
  [BOOLEAN]: () => [true, false].map((value) => ({ label: value ? "True" : "False", value })),
  6: people,
  7: channels,
  8: roles,
  9: () => [...people(), ...roles()],
};

/** A text field that grows with what is typed and controls the list above the message box. */
export const textField = (label, selector, placeholder = "") =>
  h(`textarea.${selector}`, {
    rows: 1,
    placeholder,
    role: "combobox",
    "aria-label": label,
    "aria-controls": "popup",
    "aria-expanded": "false",
    "aria-autocomplete": "list",
    spellcheck: "false",
  });

/** `value` is what was chosen from a list, `file` what was attached; a typed text is in the field itself. */
export class CommandOption {
  constructor(option, onfile) {
    const label = `${option.name}: ${option.description}`;
    const pick = () => pickFiles(false, ([file]) => onfile(file));
    this.option = option;
    this.value = undefined;
    this.file = null;
    this.problem = null;
    this.takesFile = option.type === FILE;
    this.control = this.takesFile
      ? h("button.pill-file.link-button.clip", { "aria-label": label, onclick: pick }, NO_FILE)
      : textField(label, "pill-field");
    const name = h("span.pill-name", { onclick: () => this.focus() }, option.name);
    this.root = h("span.pill", { data: { option: option.name } }, name, this.control);
  }

  /** What is typed in its field. */
  get text() {
    return this.takesFile ? "" : this.control.value.trim();
  }

  set text(text) {
    this.control.value = text;
  }

  /** The value as the server reads it, undefined for none; files are sent beside it. */
  get sent() {
    if (this.value !== undefined || !this.text) return this.value;
    return [INTEGER, NUMBER].includes(this.option.type) ? Number(this.text) : this.text;
  }

  /** Whether its value comes from a list, so that a text which is not in it is wrong. */
  get isChosen() {
    return Boolean(this.option.choices?.length) || this.option.type in LISTS;
  }

  focus() {
    this.control.focus();
  }

  attach(file) {
    this.file = file;
    this.control.textContent = file?.name ?? NO_FILE;
    this.mark(null);
  }

  mark(problem) {
    this.problem = problem;
    this.root.classList.toggle("wrong", Boolean(problem));
    this.control.setAttribute("aria-invalid", String(Boolean(problem)));
    return problem;
  }

  /** What may be chosen and fits a text: `[{ label, description, sign, value }]`, from what this page knows. */
  choices(typed) {
    const { type, choices } = this.option;
    const all = choices?.length ? choices.map(({ name, value }) => ({ label: name, value })) : (LISTS[type]?.() ?? []);
    return all.filter(({ label }) => label.toLowerCase().includes(typed.toLowerCase())).slice(0, MAX_CHOICES);
  }

  /** What the bot suggests for the typed text, beside what the other options hold; `reason` says why it does not. */
  async suggestions(command, others) {
    const { name } = this.option;
    const options = { ...others, [name]: this.text };
    try {
      const { choices } = await send("autocomplete", { channel: store.channel, command, options, focused: name });
      return { items: choices.map((choice) => ({ label: choice.name, value: choice.value })) };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { items: [], reason: "Loading options failed" };
    }
  }

  /** Why it cannot be sent; null when it can, or when only the server knows (limits of numbers). */
  get objection() {
    const { required, type, min_length: least = 0, max_length: most = 6000 } = this.option;
    if (this.takesFile) return required && !this.file ? "This option is required. Choose a file." : null;
    if (this.sent === undefined) return required ? "This option is required. Specify a value." : null;
    if (this.isChosen) return this.value === undefined ? "Choose one of the list." : null;
    if (type !== TEXT) return Number.isNaN(this.sent) ? "A number." : null;
    if (this.text.length < least) return `At least ${least} characters.`;
    return this.text.length > most ? `At most ${most} characters; these are ${this.text.length}.` : null;
  }
}
