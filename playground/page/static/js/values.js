// What an option of a command may be: its choices, the bot's suggestions, people, channels, yes or no.

import { deed } from "./api.js";
import { avatar } from "./avatars.js";
import { Refused } from "./api.js";
import { guild, store } from "./store.js";

export const TEXT = 3;
export const WHOLE = 4;
export const YES_NO = 5;
export const USER = 6;
export const CHANNEL = 7;
export const ROLE = 8;
export const MENTIONABLE = 9;
export const NUMBER = 10;
export const FILE = 11;

const MOST = 25;

/** Whether an option is chosen from a list, so that a text which is not in it is wrong. */
export const isChosen = (option) =>
  Boolean(option.choices?.length) || [YES_NO, USER, CHANNEL, ROLE, MENTIONABLE].includes(option.type);

/** What fits the typed text: `[{ label, description, sign, value }]`, from what this page knows. */
export function known(option, typed) {
  const wanted = typed.trim().toLowerCase();
  return all(option)
    .filter((each) => each.label.toLowerCase().includes(wanted))
    .slice(0, MOST);
}

function all(option) {
  if (option.choices?.length) return option.choices.map((choice) => ({ label: choice.name, value: choice.value }));
  if (option.type === YES_NO)
    return [
      { label: "True", value: true },
      { label: "False", value: false },
    ];
  const members = guild()?.members ?? [store.application, ...store.people.filter((each) => each.id === store.me)];
  const people = () =>
    members.map((each) => ({
      label: each.shown,
      description: each.name,
      sign: avatar(each, 24),
      value: { user: each.id },
    }));
  const roles = () => (guild()?.roles ?? []).map((role) => ({ label: `@${role.name}`, value: { role: role.id } }));
  if (option.type === USER) return people();
  if (option.type === ROLE) return roles();
  if (option.type === MENTIONABLE) return [...people(), ...roles()];
  if (option.type !== CHANNEL) return [];
  return store.channels
    .filter((each) => !each.direct)
    .map((each) => ({ label: `#${each.name}`, value: { channel: each.id } }));
}

/** What the bot suggests while one types; the reason where it does not. */
export async function suggested(command, options, focused) {
  try {
    const { choices } = await deed("autocomplete", { channel: store.channel, command, options, focused });
    return { items: choices.map((choice) => ({ label: choice.name, value: choice.value })), reason: null };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { items: [], reason: "Loading options failed" };
  }
}

/** Why a typed text is wrong for an option; null when it is right. */
export function objection(option, typed, value) {
  if (!typed && value === undefined) return option.required ? "This option is required. Specify a value." : null;
  if (isChosen(option)) return value === undefined ? "Choose one of the list." : null;
  if (option.type === TEXT) return length(option, typed);
  if (option.type === WHOLE && !/^-?\d+$/.test(typed)) return "A whole number.";
  if (option.type === NUMBER && (typed === "" || Number.isNaN(Number(typed)))) return "A number.";
  if ((option.min_value ?? -Infinity) > Number(typed)) return `At least ${option.min_value}.`;
  if ((option.max_value ?? Infinity) < Number(typed)) return `At most ${option.max_value}.`;
  return null;
}

function length(option, typed) {
  const low = option.min_length ?? 0;
  const high = option.max_length ?? 6000;
  if (typed.length < low) return `At least ${low} characters.`;
  return typed.length > high ? `At most ${high} characters; these are ${typed.length}.` : null;
}

/** The value as the server reads it. */
export function asSent(option, typed, value) {
  if (value !== undefined) return value;
  return [WHOLE, NUMBER].includes(option.type) ? Number(typed) : typed;
}
