// Building DOM nodes. Text is always put in as text, so nothing that people write is ever read as HTML.

/** An element: `h("a", { class: "link", href, onclick }, "text", node, [more])`. Null and false are left out. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") setStyle(element, value);
    else if (name === "data") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

/** Puts children in; arrays are flattened, null and false left out. */
export function append(element, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

/** Replaces everything inside an element. */
export function fill(element, ...children) {
  element.replaceChildren();
  return append(element, children);
}

function setStyle(element, values) {
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined) continue;
    if (name.startsWith("--")) element.style.setProperty(name, value);
    else element.style[name] = value;
  }
}

const SVG = "http://www.w3.org/2000/svg";

// Drawn on a field of 24 by 24, with round strokes.
const ICONS = {
  apps: "M5 5h5v5H5z M14 5h5v5h-5z M5 14h5v5H5z M16.5 13.5v6 M13.5 16.5h6",
  bolt: "M13 3 5 13.5h6L10 21l8-10.5h-6z",
  bubble: "M4 5h16v11H11l-5 4v-4H4z",
  check: "M5 12.5l4.5 4.5L19 7.5",
  close: "M6 6l12 12 M18 6L6 18",
  copy: "M9 9h10v10H9z M5 15V5h10",
  down: "M6 9.5l6 6 6-6",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z M12 9.5a2.5 2.5 0 100 5 2.5 2.5 0 000-5z",
  file: "M7 3h7l4 4v14H7z M14 3v5h4",
  hash: "M9.5 4L8 20 M16 4l-1.5 16 M4.5 9h16 M3.5 15h16",
  link: "M13.5 5H19v5.5 M19 5l-8.5 8.5 M16 13.5V19H5V8h5.5",
  menu: "M4 6.5h16 M4 12h16 M4 17.5h16",
  moon: "M20 14.5A8.5 8.5 0 119.5 4a7 7 0 0010.5 10.5z",
  more: "M5 12h.01 M12 12h.01 M19 12h.01",
  plus: "M12 5v14 M5 12h14",
  right: "M9.5 6l6 6-6 6",
  send: "M4 4.5l17 7.5-17 7.5 3-7.5z M7 12h6",
  sliders: "M4 7h9 M17 7h3 M13 4.5v5 M4 17h3 M11 17h9 M7 14.5v5",
  sun:
    "M12 8a4 4 0 100 8 4 4 0 000-8z M12 2.5v2 M12 19.5v2 M2.5 12h2 M19.5 12h2 " +
    "M5.3 5.3l1.4 1.4 M17.3 17.3l1.4 1.4 M18.7 5.3l-1.4 1.4 M6.7 17.3l-1.4 1.4",
  trash: "M5 7h14 M10 7V4.5h4V7 M7 7l1 13h8l1-13 M10.5 11v5.5 M13.5 11v5.5",
  upload: "M12 15.5V4 M7 9l5-5 5 5 M4.5 16v4h15v-4",
  warning: "M12 4 2.5 20h19z M12 10v4.5 M12 17.2h.01",
};

/** A drawn sign, hidden from screen readers: what it means is said by the control it stands in. */
export function icon(name, size = 20) {
  const svg = document.createElementNS(SVG, "svg");
  const attributes = {
    viewBox: "0 0 24 24",
    width: size,
    height: size,
    class: `icon icon-${name}`,
    "aria-hidden": "true",
  };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A button that shows a sign only; `label` says what it does. */
export function iconButton(name, label, onclick, properties = {}) {
  return h(
    "button",
    { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...properties },
    icon(name),
  );
}

let last = 0;

/** An id for an element, to be named by aria attributes. */
export function newId(prefix) {
  last += 1;
  return `${prefix}-${last}`;
}
