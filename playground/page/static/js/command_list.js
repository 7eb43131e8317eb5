// The slash commands of the channel on the screen, and the list of them that opens with "/".

import { h } from "./dom.js";
import * as popup from "./popup.js";
import { store } from "./store.js";
import { avatar } from "./users.js";

const CHAT = 1;
const SUBCOMMAND = 1;
const GROUP = 2;

/** The commands, subcommands each by itself: `{ name, description, options }`. */
function slashCommands() {
  const commands = (store.commands[store.channel] ?? []).filter((command) => command.type === CHAT);
  return commands.flatMap((command) => leaves(command.name, command)).sort((a, b) => a.name.localeCompare(b.name));
}

function leaves(name, { description, options = [] }) {
  const inner = options.filter((option) => [SUBCOMMAND, GROUP].includes(option.type));
  if (!inner.length) return [{ name, description, options }];
  return inner.flatMap((option) => leaves(`${name} ${option.name}`, option));
}

/** Opens the list of the commands that fit what was typed after "/"; `onpick` gets the one that is taken. */
export function showCommands(owner, typed, onpick) {
  const wanted = typed.toLowerCase();
  const fits = ({ name, description }) => name.includes(wanted) || description.toLowerCase().includes(wanted);
  const begins = (command) => Number(command.name.startsWith(wanted));
  const fitting = slashCommands().filter(fits).sort((a, b) => begins(b) - begins(a));
  const { bot, application } = store;
  const nothing = bot.connected ? `No command fits “/${typed}”.` : "The bot is not connected yet.";
  popup.show({
    owner,
    title: application.shown,
    items: fitting.map((command) => ({
      label: `/${command.name}`,
      description: command.description,
      sign: avatar(application, 32),
      command,
    })),
    head: fitting.length ? null : h("p.popup-head.small", nothing),
    onpick: (item) => onpick(item.command),
  });
}

/** The command whose name is typed in full, and the rest of the text; undefined while it is not. */
export function typedInFull(text) {
  const fitting = slashCommands().filter(({ name }) => text.startsWith(`/${name} `));
  const command = fitting.sort((a, b) => b.name.length - a.name.length)[0];
  return command && { command, rest: text.slice(command.name.length + 2).trim() };
}
