// The command list that opens with "/".

import { avatar } from "./avatars.js";
import { h } from "./dom.js";
import * as popup from "./popup.js";
import { store } from "./store.js";

const CHAT = 1;
const SUBCOMMAND = 1;
const GROUP = 2;

/** The slash commands of the channel on the screen, subcommands each by itself: `{ name, command, options }`. */
export function slashCommands() {
  const commands = (store.commands[store.channel] ?? []).filter((command) => command.type === CHAT);
  return commands.flatMap((command) => leaves(command.name, command)).sort((a, b) => a.name.localeCompare(b.name));
}

function leaves(name, node) {
  const inner = (node.options ?? []).filter((option) => option.type === SUBCOMMAND || option.type === GROUP);
  if (!inner.length) return [{ name, description: node.description, options: node.options ?? [] }];
  return inner.flatMap((option) => leaves(`${name} ${option.name}`, option));
}

/** Opens the list of the commands that fit what was typed after "/"; `onpick` gets the one that is taken. */
export function offer(owner, typed, onpick) {
  const wanted = typed.toLowerCase();
  const begins = [];
  const holds = [];
  for (const command of slashCommands()) {
    if (command.name.startsWith(wanted)) begins.push(command);
    else if (command.name.includes(wanted) || command.description.toLowerCase().includes(wanted)) holds.push(command);
  }
  const items = [...begins, ...holds].map((command) => ({
    label: `/${command.name}`,
    description: command.description,
    sign: avatar(store.application, 32),
    note: store.application.shown,
    command,
  }));
  const head = items.length
    ? null
    : h(
        "p",
        { class: "popup-empty" },
        store.bot.connected ? `No command fits “/${typed}”.` : "The bot is not connected yet.",
      );
  popup.show({
    owner,
    groups: [{ title: store.application.shown, items }],
    head,
    onpick: (item) => onpick(item.command),
  });
}

/** The command whose name is typed in full, and the rest of the text; null while it is not. */
export function typedInFull(text) {
  const fitting = slashCommands().filter(
    ({ name }) => text === `/${name} ` || (text.startsWith(`/${name} `) && text.length > name.length + 2),
  );
  const command = fitting.sort((a, b) => b.name.length - a.name.length)[0];
  return command ? { command, rest: text.slice(command.name.length + 2).trim() } : null;
}
