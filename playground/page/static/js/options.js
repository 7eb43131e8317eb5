// A command being filled in: its name, a pill for each option, and the list of options that may be added.

import { fill, h, icon } from "./dom.js";
import { uploadCard } from "./files.js";
import { Pill, textField } from "./pill.js";
import * as popup from "./popup.js";
import { FILE, isChosen, known, suggested } from "./values.js";

const SUGGEST_AFTER = 150;

/** The form of one command. `onsend(options, files)` and `oncancel()` are called when it is done. */
export class CommandForm {
  constructor(command, tray, { onsend, oncancel }) {
    this.command = command;
    this.tray = tray;
    this.onsend = onsend;
    this.oncancel = oncancel;
    this.pills = new Map(); // option name → Pill
    this.asked = 0;
    this.more = textField("Add an option", "more-options");
    this.more.addEventListener("focus", () => this.#offerOptions());
    this.more.addEventListener("input", () => this.#offerOptions());
    this.more.addEventListener("keydown", (event) => this.#onMoreKey(event));
    const name = h("span", { class: "command-name" }, `/${command.name}`);
    this.element = h(
      "div",
      { class: "command-form", role: "group", "aria-label": `/${command.name}` },
      name,
      this.more,
    );
    this.element.addEventListener("click", (event) => event.target === this.element && this.more.focus());
    for (const option of command.options.filter((each) => each.required)) this.#add(option);
  }

  /** Puts the focus where typing goes on; a text that was typed already goes into the first option. */
  begin(text = "") {
    const first = this.pills.values().next().value;
    if (first && !first.takesFile && text) first.text = text;
    (first ?? this.more).focus();
  }

  /** Takes files in: each into the next free option that takes one. Those that found no place come back. */
  takeFiles(files) {
    const left = [...files];
    for (const option of this.command.options.filter((each) => each.type === FILE)) {
      if (!left.length) break;
      const pill = this.pills.get(option.name) ?? this.#add(option);
      if (!pill.file) this.#attach(pill, left.shift());
    }
    return left;
  }

  /** Sends the command, or marks what is wrong. */
  send() {
    const pills = [...this.pills.values()];
    const wrong = pills.filter((pill) => pill.check());
    if (wrong.length) {
      wrong[0].focus();
      return;
    }
    const files = pills.flatMap((pill) => pill.file ?? []);
    const given = pills.filter((pill) => pill.given);
    const value = (pill) => (pill.file ? { file: files.indexOf(pill.file) } : pill.sent);
    this.onsend(Object.fromEntries(given.map((pill) => [pill.option.name, value(pill)])), files);
  }

  close() {
    popup.hide();
    this.tray.replaceChildren();
  }

  // Pills.

  #add(option) {
    const pill = new Pill(option, (file) => this.#attach(pill, file));
    pill.control.addEventListener("focus", () => this.#offerValues(pill));
    pill.control.addEventListener("input", () => this.#onInput(pill));
    pill.control.addEventListener("keydown", (event) => this.#onKey(event, pill));
    this.pills.set(option.name, pill);
    this.more.before(pill.root);
    this.#drawTray();
    return pill;
  }

  #remove(pill) {
    const order = [...this.pills.values()];
    pill.root.remove();
    this.pills.delete(pill.option.name);
    this.#drawTray();
    (order[order.indexOf(pill) - 1] ?? this.more).focus();
  }

  #goOn(pill) {
    const order = [...this.pills.values()];
    (order[order.indexOf(pill) + 1] ?? this.more).focus();
  }

  #attach(pill, file) {
    pill.attach(file);
    this.#drawTray();
    if (file) this.#goOn(pill);
  }

  #drawTray() {
    const takers = [...this.pills.values()].filter((pill) => pill.takesFile);
    fill(
      this.tray,
      takers.map((pill) => (pill.file ? uploadCard(pill.file, () => this.#attach(pill, null)) : emptyCard(pill))),
    );
  }

  // The list above.

  #offerValues(pill) {
    if (pill.option.autocomplete) this.#suggest(pill);
    else this.#showValues(pill, pill.takesFile ? [] : known(pill.option, pill.value === undefined ? pill.text : ""));
  }

  #showValues(pill, items, reason = null) {
    const { name, description } = pill.option;
    const problem = pill.problem ? h("p", { class: "popup-problem" }, pill.problem) : null;
    popup.show({
      owner: pill.control,
      groups: [{ title: null, items }],
      head: [
        h("div", { class: "popup-head" }, h("b", {}, name), description, problem),
        reason ? h("p", { class: "popup-empty" }, reason) : null,
      ],
      onpick: (item) => this.#pickValue(pill, item),
      unmarked: !isChosen(pill.option),
    });
  }

  async #suggest(pill) {
    const mine = ++this.asked;
    const outdated = () => mine !== this.asked || document.activeElement !== pill.control;
    await new Promise((resolve) => setTimeout(resolve, SUGGEST_AFTER));
    if (outdated()) return;
    const others = [...this.pills.values()].filter(
      (each) => each !== pill && !each.takesFile && each.given && each.right,
    );
    const typed = Object.fromEntries(others.map((each) => [each.option.name, each.sent]));
    const name = pill.option.name;
    const { items, reason } = await suggested(this.command.name, { ...typed, [name]: pill.text }, name);
    if (!outdated()) this.#showValues(pill, items, reason);
  }

  #pickValue(pill, item) {
    pill.value = item.value;
    pill.text = item.label;
    pill.mark(null);
    this.#goOn(pill);
  }

  #offerOptions() {
    const typed = this.more.textContent.trim().toLowerCase();
    const left = this.command.options.filter((option) => !this.pills.has(option.name) && option.name.includes(typed));
    const items = left.map((option) => ({ label: option.name, description: option.description, option }));
    const empty = typed ? "No option is called so." : "Press Enter to send.";
    popup.show({
      owner: this.more,
      groups: [{ title: "Options", items }],
      head: left.length ? null : h("div", { class: "popup-head" }, empty),
      onpick: (item) => this.#pickOption(item.option),
      unmarked: !typed,
    });
  }

  #pickOption(option) {
    this.more.textContent = "";
    this.#add(option).focus();
  }

  // Keys.

  #onInput(pill) {
    pill.value = undefined;
    if (isChosen(pill.option)) {
      const typed = pill.text.toLowerCase();
      pill.value = known(pill.option, "").find((each) => each.label.toLowerCase() === typed)?.value;
    }
    pill.mark(null);
    this.#offerValues(pill);
  }

  #onKey(event, pill) {
    if (event.isComposing || popup.steer(event)) return;
    const takeMarked = () => pill.value === undefined && popup.takeMarked();
    if (event.key === "Tab" && !event.shiftKey) {
      event.preventDefault();
      if (!takeMarked()) this.#goOn(pill);
    } else if (event.key === "Enter") {
      // On the button of an option without its file Enter opens the picker.
      if (pill.takesFile && !pill.file) return;
      event.preventDefault();
      if (!takeMarked()) this.send();
    } else if (event.key === "Backspace" && pill.empty) {
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
      if (last) last.focus();
      else this.oncancel();
    } else if (event.key === "Escape") this.#escape(event);
  }

  #escape(event) {
    event.preventDefault();
    if (popup.isOpen()) popup.hide();
    else this.oncancel();
  }
}

function emptyCard(pill) {
  return h(
    "button",
    { type: "button", class: "upload empty", tabindex: -1, onclick: () => pill.control.click() },
    icon("upload", 28),
    h("b", {}, pill.option.name),
    h("small", {}, "Drop, paste or click"),
  );
}
