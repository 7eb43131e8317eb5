// What this page knows. The server tells everything; the page only remembers it and tells its own parts.

// Rows of traffic that are kept; the oldest go.
const MOST_ROWS = 1000;

const listeners = new Map();

export const store = {
  as: null, // who acts, by name
  me: null, // and by id
  application: null,
  people: [],
  guilds: [],
  channels: [],
  channel: null, // the id of the channel on the screen
  messages: new Map(), // channel id → Map of message id → message
  commands: {},
  rows: new Map(), // row id → row of the traffic
  bot: { running: false, connected: false },
  switches: null,
  unread: new Map(), // channel id → number of new messages
};

/** Calls `listener(detail)` whenever `event` happens. */
export function on(event, listener) {
  if (!listeners.has(event)) listeners.set(event, new Set());
  listeners.get(event).add(listener);
}

/** Tells everybody who listens. */
export function tell(event, detail) {
  for (const listener of listeners.get(event) ?? []) listener(detail);
}

/** Takes in one piece of news from the server. */
export function take(news) {
  TAKERS[news.event]?.(news);
}

const TAKERS = {
  state(news) {
    for (const key of ["me", "application", "people", "guilds", "channels", "commands", "bot", "switches"])
      store[key] = news[key];
    store.messages = new Map(news.channels.map((channel) => [channel.id, new Map()]));
    for (const message of news.messages) store.messages.get(message.channel_id)?.set(message.id, message);
    store.rows = new Map(news.traffic.map((row) => [row.row, row]));
    if (!store.channels.some((channel) => channel.id === store.channel)) store.channel = store.channels[0]?.id ?? null;
    tell("state");
  },
  message({ message }) {
    const shelf = store.messages.get(message.channel_id);
    if (!shelf) {
      store.messages.set(message.channel_id, new Map([[message.id, message]]));
      return;
    }
    const isNew = !shelf.has(message.id);
    shelf.set(message.id, message);
    if (isNew && message.channel_id !== store.channel) {
      store.unread.set(message.channel_id, (store.unread.get(message.channel_id) ?? 0) + 1);
      tell("unread");
    }
    tell("message", { message, isNew });
  },
  gone({ message, channel }) {
    const shelf = store.messages.get(channel);
    const old = shelf?.get(message);
    shelf?.delete(message);
    if (old) tell("gone", old);
  },
  row({ row }) {
    const old = store.rows.get(row.row);
    store.rows.set(row.row, row);
    if (store.rows.size > MOST_ROWS) store.rows.delete(store.rows.keys().next().value);
    tell("row", { row, old });
  },
  commands(news) {
    store.commands = news.commands;
    tell("commands");
  },
  bot(news) {
    store.bot = news.bot;
    store.switches = news.switches;
    tell("bot");
  },
};

/** Puts another channel on the screen. */
export function openChannel(id) {
  store.channel = id;
  store.unread.delete(id);
  tell("channel");
  tell("unread");
}

/** The channel on the screen. */
export function channel() {
  return store.channels.find((each) => each.id === store.channel) ?? null;
}

/** The server of the channel on the screen; null in direct messages. */
export function guild() {
  const id = channel()?.guild;
  return store.guilds.find((each) => each.id === id) ?? null;
}

/** A person or the bot, by id. */
export function user(id) {
  if (id === store.application?.id) return store.application;
  return store.people.find((each) => each.id === id) ?? null;
}

/** Whether the acting person may delete other people's messages here. */
export function moderates() {
  const me = guild()?.members.find((each) => each.id === store.me);
  return me?.standing === "owner" || me?.standing === "moderator";
}

/** Whether the acting person may delete a message. */
export const mayDelete = (message) => !message.private && (message.author.id === store.me || moderates());
