// Keyboard shortcuts. They are inactive in text fields, except for submitting.

const TOOLS = { b: "brush", e: "eraser", r: "rectangle", l: "lasso" };

export function listenToKeys({ take, resize, undo, redo, clear, selectAll, invert, zoom, fit, submit, space, cancel }) {
  const plain = {
    "[": () => resize(-4),
    "]": () => resize(4),
    "+": () => zoom(1.25),
    "=": () => zoom(1.25),
    "-": () => zoom(0.8),
    "0": fit,
    a: selectAll,
    i: invert,
    delete: clear,
    backspace: clear,
    escape: cancel,
    " ": () => space(true),
  };
  const withControl = { z: undo, y: redo, enter: submit };

  document.addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    const control = event.ctrlKey || event.metaKey;
    const writes = event.target.matches("textarea");
    if (writes && !(control && key === "enter")) return;
    // The space bar keeps its meaning on a focused button, link or slider.
    if (key === " " && event.target.matches("a, button, input, summary")) return;
    let deed = control ? withControl[key] : !event.altKey && plain[key];
    if (control && event.shiftKey && key === "z") deed = redo;
    if (!control && !event.altKey && TOOLS[key]) deed = () => take(TOOLS[key]);
    if (!deed) return;
    event.preventDefault();
    deed();
  });
  document.addEventListener("keyup", (event) => {
    if (event.key === " ") space(false);
  });
  window.addEventListener("blur", () => space(false));
}
