// The mask, one byte per pixel, 255 where the image changes, with an undo history.
//
// A step is stored as runs of toggled pixels (start, length, …): toggling them again undoes it, and toggling them once
// more redoes it.

import { capsule, polygon, rectangle } from "./raster.js";

const MOST_STEPS = 200;
const SHAPES = { capsule, polygon, rectangle };

export class Painting {
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.data = new Uint8Array(width * height);
    this.painted = 0;
    this.done = [];
    this.undone = [];
    this.before = null;
  }

  get whole() {
    return { left: 0, top: 0, right: this.width, bottom: this.height };
  }

  /** Begins a step: everything drawn until `commit` is undone together. */
  begin() {
    this.before = this.data.slice();
  }

  /** Draws a shape of `raster.js`; returns the rectangle to redraw. */
  draw(shape, ...given) {
    return SHAPES[shape](this, ...given);
  }

  /** Ends the step; returns whether it changed anything. */
  commit() {
    const runs = difference(this.before, this.data);
    this.before = null;
    if (runs.length === 0) return false;
    this.done.push(runs);
    if (this.done.length > MOST_STEPS) this.done.shift();
    this.undone = [];
    this.count();
    return true;
  }

  /** Discards the step. */
  abandon() {
    if (this.before) this.data.set(this.before);
    this.before = null;
  }

  undo() {
    return this.turn(this.done, this.undone);
  }

  redo() {
    return this.turn(this.undone, this.done);
  }

  turn(from, to) {
    const runs = from.pop();
    if (!runs) return false;
    this.turnOver(runs);
    to.push(runs);
    this.count();
    return true;
  }

  turnOver(runs) {
    for (let i = 0; i < runs.length; i += 2) {
      const end = runs[i] + runs[i + 1];
      for (let at = runs[i]; at < end; at += 1) this.data[at] ^= 255;
    }
  }

  /** Clears the mask, as one step. */
  clear() {
    this.begin();
    this.data.fill(0);
    return this.commit();
  }

  /** Marks the whole image, as one step. */
  selectAll() {
    this.begin();
    this.data.fill(255);
    return this.commit();
  }

  /** Inverts the mask, as one step. */
  invert() {
    this.begin();
    for (let at = 0; at < this.data.length; at += 1) this.data[at] ^= 255;
    return this.commit();
  }

  /** Marks the pixels that are not 0 in `bits`, too, as one step. */
  add(bits) {
    this.begin();
    for (let at = 0; at < this.data.length; at += 1) this.data[at] |= bits[at];
    return this.commit();
  }

  /** The marked pixels as runs. */
  runs() {
    return difference(new Uint8Array(this.data.length), this.data);
  }

  /** Marks the pixels of a result of `runs`, as one step. Returns false if they do not fit this image. */
  paint(runs) {
    const fits = runs.every((each) => Number.isInteger(each) && each >= 0)
      && runs.every((each, i) => i % 2 === 0 || runs[i - 1] + each <= this.data.length);
    if (!fits || runs.length % 2 !== 0) return false;
    this.begin();
    this.turnOver(runs);
    return this.commit();
  }

  count() {
    let painted = 0;
    for (let at = 0; at < this.data.length; at += 1) painted += this.data[at] & 1;
    this.painted = painted;
  }
}

function difference(before, after) {
  const runs = [];
  let start = -1;
  for (let at = 0; at < after.length; at += 1) {
    if (before[at] !== after[at]) {
      if (start < 0) start = at;
    } else if (start >= 0) {
      runs.push(start, at - start);
      start = -1;
    }
  }
  if (start >= 0) runs.push(start, after.length - start);
  return runs;
}
