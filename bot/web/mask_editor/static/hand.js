// Drawing with the selected tool.

export class Hand {
  constructor({ view, guide, changed }) {
    this.view = view;
    this.guide = guide;
    this.changed = changed;
    this.tool = "brush";
    this.radius = 20;
    this.painting = null;
    this.surface = null;
    this.points = null;
    this.value = 255;
    this.locked = false;
  }

  ready() {
    return this.painting !== null && !this.locked;
  }

  take(tool) {
    this.tool = tool;
    this.guide.noBrush();
  }

  get strokes() {
    return this.tool === "brush" || this.tool === "eraser";
  }

  start(event, erase) {
    this.value = erase || this.tool === "eraser" ? 0 : 255;
    this.points = [this.view.point(event)];
    this.painting.begin();
    if (this.strokes) this.stroke(this.points[0], this.points[0]);
  }

  more(event) {
    if (!this.points) return;
    const point = this.view.point(event);
    const last = this.points[this.points.length - 1];
    if (point.x === last.x && point.y === last.y) return;
    this.points.push(point);
    if (this.strokes) this.stroke(last, point);
    else this.guide.line(this.outline());
  }

  end(event) {
    if (!this.points) return;
    this.more(event);
    if (!this.strokes) this.fill();
    this.put();
    if (this.painting.commit()) this.changed();
  }

  cancel() {
    if (!this.points) return;
    this.put();
    this.painting.abandon();
    this.surface.show(this.painting.whole);
  }

  hover(event) {
    if (!this.ready() || !this.strokes || event.pointerType === "touch") this.guide.noBrush();
    else this.guide.brush(this.view.point(event), this.radius);
  }

  leave() {
    this.guide.noBrush();
  }

  put() {
    this.points = null;
    this.guide.line([]);
  }

  stroke(from, to) {
    this.surface.show(this.painting.draw("capsule", from, to, this.radius, this.value));
  }

  fill() {
    const ends = [this.points[0], this.points[this.points.length - 1]];
    const shape = this.tool === "rectangle" ? ["rectangle", ...ends] : ["polygon", this.points];
    this.surface.show(this.painting.draw(...shape, this.value));
  }

  /** Draws a complete rectangle in one step, for the keyboard; the eraser erases it. */
  rectangle(a, b) {
    this.painting.begin();
    this.surface.show(this.painting.draw("rectangle", a, b, this.tool === "eraser" ? 0 : 255));
    if (this.painting.commit()) this.changed();
  }

  outline() {
    if (this.tool === "lasso") return this.points;
    const [a, b] = [this.points[0], this.points[this.points.length - 1]];
    return [a, { x: b.x, y: a.y }, b, { x: a.x, y: b.y }];
  }
}
