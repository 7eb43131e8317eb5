// A command being filled in: its name, its options, and the list of options that may be added.

import { CommandOption, FILE, textField } from "./command_option.js";
import { fill, h } from "./dom.js";
import { uploadCard } from "./media.js";
import * as popup from "./popup.js";

const SUGGEST_AFTER_MS = 150;

/** The form of one command. `onsend(options, files)` and `oncancel()` are called when it is done. */
export class CommandForm {
  constructor(command, tray, { onsend, oncancel }) {
    this.command = command;
    this.tray = tray;
    this.onsend = onsend;
    this.oncancel = oncancel;
    this.options = []; // CommandOptions
    this.asked = 0;
    this.more = textField("Add an option", "more-options.grow", "+ options");
    this.more.addEventListener("focus", () => this.#showOptions());
    this.more.addEventListener("input", () => this.#showOptions());
    this.more.addEventListener("keydown", (event) => this.#onKey(event, null));
    const name = h("b", `/${command.name}`);
    this.element = h(".command-form.line.wrap", { role: "group", "aria-label": `/${command.name}` }, name, this.more);
    this.element.addEventListener("click", (event) => event.target === this.element && this.more.focus());
    for (const option of command.options.filter((each) => each.required)) this.#add(option);
  }

  /** Puts the focus where typing goes on; a text that was typed already goes into the first option. */
  begin(text) {
    const [first] = this.options;
    if (first && !first.takesFile && text) first.text = text;
    (first ?? this.more).focus();
  }

  /** Takes files in: each into the next free option that takes one. Those that found no place come back. */
  takeFiles(files) {
    const left = [...files];
    for (const option of this.command.options.filter((each) => each.type === FILE)) {
      const taker = this.options.find((each) => each.option === option) ?? (left.length ? this.#add(option) : null);
      if (left.length && !taker.file) this.#attach(taker, left.shift());
    }
    return left;
  }

  /** Sends the command, or marks what is wrong. */
  send() {
    const wrong = this.options.filter((each) => each.mark(each.objection));
    if (wrong.length) return wrong[0].focus();
    const files = this.options.flatMap((each) => each.file ?? []);
    const value = (each) => (each.file ? { file: files.indexOf(each.file) } : each.sent);
    const values = this.options.map((each) => [each.option.name, value(each)]);
    return this.onsend(Object.fromEntries(values.filter(([, given]) => given !== undefined)), files);
  }

  close() {
    popup.hide();
    this.tray.replaceChildren();
    this.element.remove();
  }

  #add(option) {
    const added = new CommandOption(option, (file) => this.#attach(added, file));
    added.control.addEventListener("focus", () => this.#showValues(added));
    added.control.addEventListener("input", () => this.#onInput(added));
    added.control.addEventListener("keydown", (event) => this.#onKey(event, added));
    this.options.push(added);
    this.more.before(added.root);
    this.#drawTray();
    return added;
  }

  #remove(option) {
    const at = this.options.indexOf(option);
    option.root.remove();
    this.options.splice(at, 1);
    this.#drawTray();
    (this.options[at - 1] ?? this.more).focus();
  }

  #focusNext(option) {
    (this.options[this.options.indexOf(option) + 1] ?? this.more).focus();
  }

  #attach(option, file) {
    option.attach(file);
    this.#drawTray();
    if (file) this.#focusNext(option);
  }

  #drawTray() {
    const card = (each) => uploadCard(each.file, () => this.#attach(each, null));
    fill(this.tray, this.options.filter((each) => each.file).map(card));
  }

  // The list above.

  #showValues(option) {
    if (option.option.autocomplete) return this.#suggest(option);
    return this.#show(option, option.choices(option.value === undefined ? option.text : ""));
  }

  #show(option, items, reason = null) {
    const { name, description } = option.option;
    const words = [h("p", h("b", name), " ", description)];
    if (option.problem) words.push(h("p.mistake", option.problem));
    if (reason) words.push(h("p", reason));
    const onpick = ({ value, label }) => {
      option.value = value;
      option.text = label;
      option.mark(null);
      this.#focusNext(option);
    };
    const head = h(".popup-head.small", words);
    popup.show({ owner: option.control, items, head, onpick, unmarked: !option.isChosen });
  }

  async #suggest(option) {
    const mine = ++this.asked;
    const outdated = () => mine !== this.asked || document.activeElement !== option.control;
    await new Promise((resolve) => setTimeout(resolve, SUGGEST_AFTER_MS));
    if (outdated()) return;
    const others = this.options.filter((each) => each !== option && each.sent !== undefined && !each.objection);
    const values = Object.fromEntries(others.map((each) => [each.option.name, each.sent]));
    const { items, reason } = await option.suggestions(this.command.name, values);
    if (!outdated()) this.#show(option, items, reason);
  }

  #showOptions() {
    const typed = this.more.value.trim().toLowerCase();
    const used = this.options.map((each) => each.option);
    const left = this.command.options.filter((option) => !used.includes(option) && option.name.includes(typed));
    const nothing = typed ? "There is no option of this name." : "Press Enter to send.";
    popup.show({
      owner: this.more,
      title: "Options",
      items: left.map((option) => ({ label: option.name, description: option.description, option })),
      head: left.length ? null : h(".popup-head.small", nothing),
      onpick: ({ option }) => {
        this.more.value = "";
        this.#add(option).focus();
      },
      unmarked: !typed,
    });
  }

  // Keys.

  #onInput(option) {
    const typed = option.text.toLowerCase();
    option.value = option.choices("").find((each) => each.label.toLowerCase() === typed)?.value;
    option.mark(null);
    this.#showValues(option);
  }

  /** `option` is null for the field that adds options. */
  #onKey(event, option) {
    if (event.isComposing || popup.handleArrow(event)) return;
    const takeMarked = () => option?.value === undefined && popup.takeMarked();
    const isEmpty = option ? !option.text && !option.file : !this.more.value;
    if (event.key === "Tab" && !event.shiftKey) {
      if (takeMarked()) event.preventDefault();
      if (event.defaultPrevented || !option) return;
      this.#focusNext(option);
    } else if (event.key === "Enter") {
      // On the button of an option without its file Enter opens the picker.
      if (option?.takesFile && !option.file) return;
      if (!takeMarked()) this.send();
    } else if (event.key === "Backspace" && isEmpty) this.#erase(option);
    else if (event.key === "Escape" && popup.isOpen()) popup.hide();
    else if (event.key === "Escape") this.oncancel();
    else return;
    event.preventDefault();
  }

  /** Backspace in an empty field. */
  #erase(option) {
    if (option?.option.required) this.oncancel();
    else if (option) this.#remove(option);
    else if (this.options.length) this.options.at(-1).focus();
    else this.oncancel();
  }
}
