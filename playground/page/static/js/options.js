// A command being filled in: its name, and a pill for each option.

import { fill, h, icon } from "./dom.js";
import { pickFiles, uploadCard } from "./files.js";
import * as popup from "./popup.js";
import { asSent, FILE, isChosen, known, objection, suggested } from "./values.js";

const SUGGEST_AFTER = 150;

/** The form of one command. `onsend(options, files)` and `oncancel()` are called when it is done. */
export class CommandForm {
  constructor(command, tray, { onsend, oncancel }) {
    this.command = command;
    this.tray = tray;
    this.onsend = onsend;
    this.oncancel = oncancel;
    this.pills = new Map(); // option name → { option, root, field, value, file }
    this.asked = 0;
    this.more = this.#textField("Add an option", "more-options");
    this.element = h("div", { class: "command-form", role: "group", "aria-label": `/${command.name}` }, h("span", { class: "command-name" }, `/${command.name}`));
    this.element.append(this.more);
    this.more.addEventListener("focus", () => this.#offerOptions());
    this.more.addEventListener("input", () => this.#offerOptions());
    this.more.addEventListener("keydown", (event) => this.#onMoreKey(event));
    this.element.addEventListener("click", (event) => event.target === this.element && this.more.focus());
    for (const option of command.options.filter((each) => each.required)) this.#add(option);
    this.#drawTray();
  }

  /** Puts the focus where typing goes on; a text that was typed already goes into the first option. */
  begin(text = "") {
    const first = this.pills.values().next().value;
    if (first?.field && text) first.field.textContent = text;
    this.#focus(first ?? null);
    if (first?.field) toEnd(first.field);
  }

  /** Takes files in: each into the next free option that takes one. Those that found no place come back. */
  takeFiles(files) {
    const left = [...files];
    for (const option of this.command.options.filter((each) => each.type === FILE)) {
      if (!left.length) break;
      const pill = this.pills.get(option.name) ?? this.#add(option);
      if (!pill.file) this.#setFile(pill, left.shift());
    }
    return left;
  }

  /** Sends the command, or marks what is wrong. */
  send() {
    const options = {};
    const files = [];
    let wrong = null;
    for (const pill of this.pills.values()) {
      const problem = this.#problem(pill);
      this.#mark(pill, problem);
      wrong ??= problem ? pill : null;
      if (problem) continue;
      if (pill.file) options[pill.option.name] = { file: files.push(pill.file) - 1 };
      else if (this.#typed(pill) || pill.value !== undefined) options[pill.option.name] = asSent(pill.option, this.#typed(pill), pill.value);
    }
    if (wrong) this.#focus(wrong);
    else this.onsend(options, files);
  }

  close() {
    popup.hide();
    this.tray.replaceChildren();
  }

  // Pills.

  #add(option) {
    const name = h("span", { class: "pill-name" }, option.name);
    const pill = { option, value: undefined, file: null, problem: null };
    if (option.type === FILE) {
      pill.button = h("button", { type: "button", class: "pill-file", "aria-label": `${option.name}: ${option.description}` }, "choose a file");
      pill.button.addEventListener("click", () => pickFiles(false, ([file]) => this.#setFile(pill, file)));
      pill.button.addEventListener("focus", () => this.#describe(pill));
      pill.button.addEventListener("keydown", (event) => this.#onKey(event, pill));
    } else {
      pill.field = this.#textField(`${option.name}: ${option.description}`, "pill-field");
      pill.field.addEventListener("focus", () => this.#offerValues(pill));
      pill.field.addEventListener("input", () => this.#onInput(pill));
      pill.field.addEventListener("keydown", (event) => this.#onKey(event, pill));
    }
    pill.root = h("span", { class: option.required ? "pill required" : "pill", data: { option: option.name } }, name, pill.field ?? pill.button);
    name.addEventListener("click", () => this.#focus(pill));
    this.pills.set(option.name, pill);
    this.more.before(pill.root);
    this.#drawTray();
    return pill;
  }

  #remove(pill) {
    const left = [...this.pills.values()];
    const before = left[left.indexOf(pill) - 1];
    pill.root.remove();
    this.pills.delete(pill.option.name);
    this.#drawTray();
    this.#focus(before ?? null);
  }

  #textField(label, className) {
    return h("span", { class: className, contenteditable: "plaintext-only", role: "combobox", "aria-label": label, "aria-controls": "popup", "aria-expanded": "false", "aria-autocomplete": "list", spellcheck: "false" });
  }

  #typed = (pill) => pill.field?.textContent.trim() ?? "";

  #focus(pill) {
    (pill?.field ?? pill?.button ?? this.more).focus();
    if (pill?.field) toEnd(pill.field);
  }

  #problem(pill) {
    if (pill.option.type === FILE) return pill.option.required && !pill.file ? "This option is required. Choose a file." : null;
    return objection(pill.option, this.#typed(pill), pill.value);
  }

  #mark(pill, problem) {
    pill.problem = problem;
    pill.root.classList.toggle("wrong", Boolean(problem));
    (pill.field ?? pill.button).setAttribute("aria-invalid", String(Boolean(problem)));
  }

  // Files.

  #setFile(pill, file) {
    pill.file = file;
    pill.button.textContent = file ? file.name : "choose a file";
    this.#mark(pill, null);
    this.#drawTray();
    if (file) this.#goOn(pill);
  }

  #drawTray() {
    const cards = [...this.pills.values()].filter((pill) => pill.option.type === FILE).map((pill) => this.#fileCard(pill));
    fill(this.tray, cards);
  }

  #fileCard(pill) {
    if (pill.file) return uploadCard(pill.file, () => this.#setFile(pill, null));
    const choose = () => pill.button.click();
    return h("button", { type: "button", class: "upload empty", tabindex: -1, onclick: choose }, icon("upload", 28), h("b", {}, pill.option.name), h("small", {}, "Drop, paste or click"));
  }

  // Suggestions.

  #head(pill) {
    const { option, problem } = pill;
    return h("div", { class: "popup-head" }, h("b", {}, option.name), " ", option.description, problem ? h("p", { class: "popup-problem" }, problem) : null);
  }

  #describe(pill) {
    popup.show({ owner: pill.field ?? pill.button, groups: [], head: this.#head(pill), onpick: () => {} });
  }

  #offerValues(pill) {
    if (pill.option.autocomplete) return void this.#suggest(pill);
    const typed = pill.value === undefined ? this.#typed(pill) : "";
    this.#showValues(pill, known(pill.option, typed));
  }

  #showValues(pill, items, reason = null) {
    const groups = [{ title: null, items }];
    const note = reason ? h("p", { class: "popup-empty" }, reason) : null;
    popup.show({ owner: pill.field, groups, head: [this.#head(pill), note], onpick: (item) => this.#pickValue(pill, item), unmarked: !isChosen(pill.option) });
  }

  async #suggest(pill) {
    const mine = ++this.asked;
    await new Promise((resolve) => setTimeout(resolve, SUGGEST_AFTER));
    if (mine !== this.asked || document.activeElement !== pill.field) return;
    const typed = Object.fromEntries([...this.pills.values()].filter((each) => each !== pill && !each.file && !this.#problem(each) && this.#typed(each)).map((each) => [each.option.name, asSent(each.option, this.#typed(each), each.value)]));
    const { items, reason } = await suggested(this.command.name, { ...typed, [pill.option.name]: this.#typed(pill) }, pill.option.name);
    if (mine === this.asked && document.activeElement === pill.field) this.#showValues(pill, items, reason);
  }

  #pickValue(pill, item) {
    pill.value = item.value;
    pill.field.textContent = item.label;
    this.#mark(pill, null);
    this.#goOn(pill);
  }

  #offerOptions() {
    const typed = this.more.textContent.trim().toLowerCase();
    const left = this.command.options.filter((option) => !this.pills.has(option.name) && option.name.includes(typed));
    const items = left.map((option) => ({ label: option.name, description: option.description, option }));
    const head = left.length ? null : h("div", { class: "popup-head" }, typed ? "No option is called so." : "Press Enter to send.");
    popup.show({ owner: this.more, groups: [{ title: "Options", items }], head, onpick: (item) => this.#pickOption(item.option), unmarked: !typed });
  }

  #pickOption(option) {
    this.more.textContent = "";
    this.#focus(this.#add(option));
  }

  // Keys.

  #onInput(pill) {
    pill.value = undefined;
    if (isChosen(pill.option)) pill.value = known(pill.option, "").find((each) => each.label.toLowerCase() === this.#typed(pill).toLowerCase())?.value;
    this.#mark(pill, null);
    this.#offerValues(pill);
  }

  #onKey(event, pill) {
    if (event.isComposing || popup.steer(event)) return;
    const empty = !this.#typed(pill) && !pill.file;
    if (event.key === "Tab" && !event.shiftKey) {
      event.preventDefault();
      if (!(pill.value === undefined && popup.takeMarked())) this.#goOn(pill);
    } else if (event.key === "Enter") {
      if (pill.button && !pill.file) return;
      event.preventDefault();
      if (!(pill.value === undefined && popup.takeMarked())) this.send();
    } else if (event.key === "Backspace" && empty) {
      event.preventDefault();
      if (pill.option.required) this.oncancel();
      else this.#remove(pill);
    } else if (event.key === "Escape") this.#escape(event);
  }

  #onMoreKey(event) {
    if (event.isComposing || popup.steer(event)) return;
    if (event.key === "Tab" && !event.shiftKey && popup.takeMarked()) event.preventDefault();
    else if (event.key === "Enter") {
      event.preventDefault();
      if (!popup.takeMarked()) this.send();
    } else if (event.key === "Backspace" && !this.more.textContent) {
      event.preventDefault();
      const last = [...this.pills.values()].pop();
      if (last) this.#focus(last);
      else this.oncancel();
    } else if (event.key === "Escape") this.#escape(event);
  }

  #escape(event) {
    event.preventDefault();
    if (popup.isOpen()) popup.hide();
    else this.oncancel();
  }

  #goOn(pill) {
    const order = [...this.pills.values()];
    this.#focus(order[order.indexOf(pill) + 1] ?? null);
  }
}

function toEnd(field) {
  const range = document.createRange();
  range.selectNodeContents(field);
  range.collapse(false);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}
