// Rectangles by keyboard: arrow keys move a crosshair over the image, Enter sets one corner and then the opposite one.
// Corners lie between pixels: from 0 to the image's width and height.

const STEPS = 50; // an arrow key moves the crosshair by this fraction of the shorter side: 1/STEPS
const ARROWS = { arrowleft: [-1, 0], arrowright: [1, 0], arrowup: [0, -1], arrowdown: [0, 1] };

export class Cursor {
  /** `announce(name, values)` shows one of the page's texts; a null name clears it. */
  constructor({ canvas, hand, view, guide, announce }) {
    Object.assign(this, { canvas, hand, view, guide, announce });
    this.at = null;
    this.corner = null;
    canvas.addEventListener("keydown", (event) => this.pressed(event));
    canvas.addEventListener("pointerdown", () => this.hide());
    canvas.addEventListener("blur", () => this.left());
  }

  left() {
    this.canvas.classList.remove("pointed");
    this.hide();
  }

  pressed(event) {
    this.canvas.classList.remove("pointed");
    if (!this.hand.ready() || this.hand.points || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    const { width, height } = this.hand.painting;
    const step = event.shiftKey ? 1 : Math.max(1, Math.round(Math.min(width, height) / STEPS));
    if (ARROWS[key]) this.move(ARROWS[key][0] * step, ARROWS[key][1] * step);
    else if (key === "home") this.move(-width, 0);
    else if (key === "end") this.move(width, 0);
    else if (key === "pageup") this.move(0, -height);
    else if (key === "pagedown") this.move(0, height);
    else if (key === "enter") this.set();
    else if (key === "escape" && this.at) this.cancel();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  move(dx, dy) {
    const { width, height } = this.hand.painting;
    const from = this.at ?? middle(width, height);
    this.at = { x: between(from.x + dx, width), y: between(from.y + dy, height) };
    this.show();
    if (this.corner) this.announce("corner_moved", { ...this.at, ...this.size() });
    else this.announce("position", { ...this.at, width, height });
  }

  set() {
    const { width, height } = this.hand.painting;
    this.at ??= middle(width, height);
    if (!this.corner) {
      this.corner = this.at;
      this.announce("corner_set", this.at);
    } else if (this.corner.x === this.at.x || this.corner.y === this.at.y) {
      this.announce("corner_same");
    } else {
      const size = this.size();
      this.hand.rectangle(this.corner, this.at);
      this.corner = null;
      this.announce(this.hand.tool === "eraser" ? "rectangle_erased" : "rectangle_painted", size);
    }
    this.show();
  }

  cancel() {
    if (this.corner) {
      this.corner = null;
      this.show();
      this.announce("corner_cancelled");
    } else {
      this.hide();
    }
  }

  size() {
    return { across: Math.abs(this.at.x - this.corner.x), down: Math.abs(this.at.y - this.corner.y) };
  }

  show() {
    this.view.reveal(this.at);
    this.guide.noBrush();
    this.guide.cross(this.at);
    const { at: a, corner: b } = this;
    this.guide.line(b ? [a, { x: b.x, y: a.y }, b, { x: a.x, y: b.y }] : []);
  }

  /** Hides the crosshair; the next arrow key shows it at the same position. */
  hide() {
    this.corner = null;
    this.guide.noCross();
    this.guide.line([]);
    this.announce(null);
  }
}

const middle = (width, height) => ({ x: Math.round(width / 2), y: Math.round(height / 2) });
const between = (value, most) => Math.min(Math.max(value, 0), most);
