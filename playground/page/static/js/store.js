// What this page knows: the server sends the state when the page opens, then every change.

// Rows of traffic that are kept; the oldest go.
const MAX_ROWS = 1000;
const RECONNECT_MS = 1000;

export const store = {
  as: null, // who acts, by name
  me: null, // and by id
  application: null,
  people: [],
  guilds: [],
  channels: [],
  channel: null, // the id of the channel on the screen
  messages: new Map(), // channel id → Map of message id → message
  commands: {}, // channel id → commands
  rows: new Map(), // row id → row of the traffic
  bot: { running: false, connected: false },
  switches: null,
  unread: new Map(), // channel id → number of new messages
};

const listeners = new Map();

/** Calls `listener(detail)` whenever one of the events happens. */
export function on(events, listener) {
  for (const event of events.split(" ")) listeners.set(event, [...(listeners.get(event) ?? []), listener]);
}

/** Calls everything that listens to an event. */
export function emit(event, detail) {
  for (const listener of listeners.get(event) ?? []) listener(detail);
}

const RECEIVE = {
  state({ messages, traffic, event, ...rest }) {
    Object.assign(store, rest);
    store.messages = new Map(store.channels.map((each) => [each.id, new Map()]));
    for (const message of messages) store.messages.get(message.channel_id)?.set(message.id, message);
    store.rows = new Map(traffic.map((row) => [row.row, row]));
    if (!channel()) store.channel = store.channels[0]?.id ?? null;
    emit("state");
  },
  message({ message }) {
    const { id, channel_id: place } = message;
    if (!store.messages.has(place)) store.messages.set(place, new Map());
    if (place !== store.channel && !store.messages.get(place).has(id)) {
      store.unread.set(place, (store.unread.get(place) ?? 0) + 1);
      emit("unread");
    }
    store.messages.get(place).set(id, message);
    emit("message", message);
  },
  deleted({ message, channel: place }) {
    if (store.messages.get(place)?.delete(message)) emit("deleted", message);
  },
  row({ row }) {
    store.rows.set(row.row, row);
    if (store.rows.size > MAX_ROWS) store.rows.delete(store.rows.keys().next().value);
    emit("row", row);
  },
  status({ event, ...changed }) {
    Object.assign(store, changed);
    emit("status");
  },
};

let socket = null;

/** Opens the connection as this person, and closes the one before. */
export function connect(as) {
  store.as = as;
  socket?.close();
  const mine = new WebSocket(`${location.origin.replace("http", "ws")}/api/live?as=${encodeURIComponent(as)}`);
  socket = mine;
  mine.onmessage = ({ data }) => {
    if (socket !== mine) return;
    emit("connection", true);
    const received = JSON.parse(data);
    RECEIVE[received.event]?.(received);
  };
  mine.onclose = () => {
    if (socket !== mine) return;
    emit("connection", false);
    setTimeout(() => socket === mine && connect(as), RECONNECT_MS);
  };
}

/** Puts another channel on the screen. */
export function openChannel(id) {
  store.channel = id;
  store.unread.delete(id);
  emit("channel");
}

/** The channel on the screen. */
export const channel = () => store.channels.find((each) => each.id === store.channel);

/** The server of the channel on the screen; undefined in direct messages. */
export const guild = () => store.guilds.find((each) => each.id === channel()?.guild);

/** A person or the bot, by id. */
export const user = (id) => [store.application, ...store.people].find((each) => each?.id === id);

/** Whether the acting person may delete a message. */
export function mayDelete(message) {
  const { role } = guild()?.members.find((each) => each.id === store.me) ?? {};
  return !message.private && (message.author.id === store.me || ["owner", "moderator"].includes(role));
}
