// Mouse, pen and touch input on the stage: one pointer draws, two fingers zoom and move. The events go to `hand`, which
// has start(event), more(event), end(event), cancel(), hover(event) and leave().

const ERASES = 2;
const MIDDLE = 1;

export class Pointers {
  constructor(stage, canvas, view, hand) {
    this.stage = stage;
    this.canvas = canvas;
    this.view = view;
    this.hand = hand;
    this.down = new Map();
    this.mode = "idle";
    this.space = false;
    this.last = null;
    this.listen();
  }

  listen() {
    const on = (name, deed, options) => this.stage.addEventListener(name, deed.bind(this), options);
    on("pointerdown", this.pressed);
    on("pointermove", this.moved);
    on("pointerup", this.released);
    on("pointercancel", this.lost);
    on("pointerleave", () => this.hand.leave());
    on("wheel", this.turned, { passive: false });
    on("contextmenu", (event) => event.preventDefault());
    on("gesturestart", (event) => event.preventDefault()); // prevents Safari from zooming the page
  }

  /** While the space bar is held, the mouse moves the image. */
  holdSpace(held) {
    this.space = held;
    this.stage.classList.toggle("moving", held);
  }

  pressed(event) {
    if (!this.hand.ready()) return;
    event.preventDefault();
    this.canvas.classList.add("pointed"); // no focus outline after a mouse click or a touch
    this.canvas.focus({ preventScroll: true }); // closes a phone's keyboard, and sends arrow keys to the image
    this.stage.setPointerCapture(event.pointerId);
    this.down.set(event.pointerId, at(event));
    if (this.down.size === 2) {
      if (this.mode === "draw") this.hand.cancel();
      this.mode = "pinch";
      this.last = this.pinch();
    } else if (this.down.size > 2 || this.mode === "pinch") {
      this.last = this.pinch();
    } else if (this.space || event.button === MIDDLE) {
      this.mode = "move";
    } else {
      this.mode = "draw";
      this.hand.start(event, event.button === ERASES || event.altKey);
    }
  }

  moved(event) {
    const before = this.down.get(event.pointerId);
    if (!before) {
      this.hand.hover(event);
      return;
    }
    this.down.set(event.pointerId, at(event));
    if (this.mode === "draw") {
      const parts = event.getCoalescedEvents?.() ?? [];
      for (const part of parts.length ? parts : [event]) this.hand.more(part);
      this.hand.hover(event);
    } else if (this.mode === "move") {
      this.view.move(event.clientX - before.x, event.clientY - before.y);
    } else if (this.mode === "pinch" && this.down.size >= 2) {
      const now = this.pinch();
      this.view.zoom(now.spread / this.last.spread, now);
      this.view.move(now.x - this.last.x, now.y - this.last.y);
      this.last = now;
    }
  }

  released(event) {
    if (!this.down.delete(event.pointerId)) return;
    if (this.mode === "draw") this.hand.end(event);
    this.rest();
  }

  lost(event) {
    if (!this.down.delete(event.pointerId)) return;
    if (this.mode === "draw") this.hand.cancel();
    this.rest();
  }

  rest() {
    if (this.down.size === 0) this.mode = "idle";
    else if (this.mode === "pinch" && this.down.size >= 2) this.last = this.pinch();
  }

  turned(event) {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    if (event.ctrlKey || event.metaKey) this.view.zoom(Math.exp(-event.deltaY * lines * 0.004), at(event));
    else this.view.move(-event.deltaX * lines, -event.deltaY * lines);
  }

  pinch() {
    const [one, other] = [...this.down.values()];
    return {
      x: (one.x + other.x) / 2,
      y: (one.y + other.y) / 2,
      spread: Math.max(1, Math.hypot(one.x - other.x, one.y - other.y)),
    };
  }
}

const at = (event) => ({ x: event.clientX, y: event.clientY });
