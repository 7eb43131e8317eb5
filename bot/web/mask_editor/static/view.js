// Position and scale of the image on the stage: fitted at first, then as the user zooms and moves it.

const MARGIN = 16;
const MOST = 12;

export class View {
  constructor(stage, sheet) {
    this.stage = stage;
    this.sheet = sheet;
    this.fitted = true;
    this.scale = 1;
    this.left = 0;
    this.top = 0;
    new ResizeObserver(() => this.resized()).observe(stage);
  }

  show(width, height) {
    this.width = width;
    this.height = height;
    this.sheet.hidden = false;
    this.fit();
  }

  get fitting() {
    const { clientWidth, clientHeight } = this.stage;
    return Math.min((clientWidth - 2 * MARGIN) / this.width, (clientHeight - 2 * MARGIN) / this.height);
  }

  fit() {
    this.fitted = true;
    this.scale = this.fitting;
    this.place(
      (this.stage.clientWidth - this.width * this.scale) / 2,
      (this.stage.clientHeight - this.height * this.scale) / 2,
    );
  }

  resized() {
    if (!this.width) return;
    if (this.fitted) this.fit();
    else this.place(this.left, this.top);
  }

  /** Zooms by a factor and keeps the given point of the browser window in place. */
  zoom(factor, at) {
    if (!this.width) return;
    const least = Math.min(this.fitting, 1);
    const scale = Math.min(Math.max(this.scale * factor, least), Math.max(MOST, least));
    if (scale <= least * 1.001) {
      this.fit();
      return;
    }
    const stage = this.stage.getBoundingClientRect();
    const x = at ? at.x - stage.left : stage.width / 2;
    const y = at ? at.y - stage.top : stage.height / 2;
    const grown = scale / this.scale;
    this.fitted = false;
    this.scale = scale;
    this.place(x - (x - this.left) * grown, y - (y - this.top) * grown);
  }

  move(dx, dy) {
    if (!this.width || this.fitted) return;
    this.place(this.left + dx, this.top + dy);
  }

  /** Moves a zoomed image so that this point of it is visible. */
  reveal({ x, y }) {
    const shift = (at, room) => Math.max(0, MARGIN - at) - Math.max(0, at - (room - MARGIN));
    this.move(
      shift(this.left + x * this.scale, this.stage.clientWidth),
      shift(this.top + y * this.scale, this.stage.clientHeight),
    );
  }

  place(left, top) {
    const width = this.width * this.scale;
    const height = this.height * this.scale;
    this.left = this.fitted ? left : kept(left, width, this.stage.clientWidth);
    this.top = this.fitted ? top : kept(top, height, this.stage.clientHeight);
    Object.assign(this.sheet.style, {
      left: `${this.left}px`,
      top: `${this.top}px`,
      width: `${width}px`,
      height: `${height}px`,
    });
  }

  /** The point of the image, in image pixels, under a point of the browser window. */
  point(event) {
    const box = this.sheet.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * this.width,
      y: ((event.clientY - box.top) / box.height) * this.height,
    };
  }
}

// At least a third of the stage always shows the image, so that the user cannot lose it.
function kept(start, size, room) {
  const seen = Math.min(size, room / 3);
  return Math.min(Math.max(start, seen - size), room - seen);
}
