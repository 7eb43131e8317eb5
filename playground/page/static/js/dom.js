// Building DOM nodes. Text is always inserted as text, so nothing that people write is ever read as HTML.

/** An element: `h("a.link", { href, onclick }, "text", node, [more])`. No tag means a div; null is left out. */
export function h(selector, ...children) {
  const [tag, ...classes] = selector.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length) element.className = classes.join(" ");
  if (tag === "button") element.setAttribute("type", "button");
  if (children[0]?.constructor === Object) setProperties(element, children.shift());
  return fill(element, children);
}

function setProperties(element, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") for (const each of [value].flat()) each && element.classList.add(each);
    else if (name === "style") for (const each of Object.entries(value)) element.style.setProperty(...each);
    else if (name === "data") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
}

/** Replaces everything inside an element. Arrays are flattened, null and false left out. */
export function fill(element, ...children) {
  const isGiven = (child) => child !== null && child !== undefined && child !== false;
  element.replaceChildren(...children.flat(Infinity).filter(isGiven));
  return element;
}

// Drawn on a field of 24 by 24, with round strokes.
const ICONS = {
  check: "M5 12.5l4.5 4.5L19 7.5",
  close: "M6 6l12 12 M18 6L6 18",
  down: "M6 9.5l6 6 6-6",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z M12 9.5a2.5 2.5 0 100 5 2.5 2.5 0 000-5z",
  file: "M7 3h7l4 4v14H7z M14 3v5h4",
  hash: "M9.5 4L8 20 M16 4l-1.5 16 M4.5 9h16 M3.5 15h16",
  left: "M14.5 6l-6 6 6 6",
  link: "M13.5 5H19v5.5 M19 5l-8.5 8.5 M16 13.5V19H5V8h5.5",
  menu: "M4 6.5h16 M4 12h16 M4 17.5h16",
  more: "M4.5 11.5h1v1h-1z M11.5 11.5h1v1h-1z M18.5 11.5h1v1h-1z",
  plus: "M12 5v14 M5 12h14",
  right: "M9.5 6l6 6-6 6",
  send: "M4 4.5l17 7.5-17 7.5 3-7.5z M7 12h6",
  sliders: "M4 7h9 M17 7h3 M13 4.5v5 M4 17h3 M11 17h9 M7 14.5v5",
  trash: "M5 7h14 M10 7V4.5h4V7 M7 7l1 13h8l1-13 M10.5 11v5.5 M13.5 11v5.5",
  upload: "M12 15.5V4 M7 9l5-5 5 5 M4.5 16v4h15v-4",
  warning: "M12 4 2.5 20h19z M12 10v4.5 M12 17.2h.01",
};

/** An icon, hidden from screen readers: its meaning is said by the control around it. */
export function icon(name, size = 20) {
  const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  const attributes = { viewBox: "0 0 24 24", width: size, height: size, class: "icon", "aria-hidden": true };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A button with an icon only; `label` says what it does. */
export const iconButton = (name, label, onclick, properties = {}) =>
  h("button.icon-button.center", { "aria-label": label, title: label, onclick, ...properties }, icon(name));

let lastId = 0;

/** An id for an element, to be named by aria attributes. */
export const newId = () => `id-${++lastId}`;

let typed = "";
let typedAt = 0;

/** Moves the focus among items by arrow keys, Home, End and first letters. The item it moved to, if any. */
export function moveFocus(event, items) {
  const at = items.indexOf(document.activeElement);
  const moves = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: -1 };
  let next = items.at(moves[event.key] % items.length);
  if (!(event.key in moves)) {
    if (event.key.length > 1 || event.key === " " || event.ctrlKey || event.metaKey) return undefined;
    typed = (Date.now() - typedAt < 1000 ? typed : "") + event.key.toLowerCase();
    typedAt = Date.now();
    next = items.find((item) => (item.dataset.label ?? item.textContent).toLowerCase().startsWith(typed));
  }
  event.preventDefault();
  next?.focus();
  return next;
}
