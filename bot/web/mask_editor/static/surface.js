// The mask as the user sees it: colored, translucent, and striped, so that it is visible on any image.

// RGBA bytes as a little-endian number.
const LIGHT = 0x8c8a1cff;
const DEEP = 0xb07a00e6;
const STRIPES = 90;

export class Surface {
  constructor(canvas, painting) {
    this.painting = painting;
    canvas.width = painting.width;
    canvas.height = painting.height;
    this.context = canvas.getContext("2d");
    this.stripe = Math.max(2, Math.round(Math.max(painting.width, painting.height) / STRIPES));
  }

  show(box) {
    const [width, height] = [box.right - box.left, box.bottom - box.top];
    if (width <= 0 || height <= 0) return;
    const image = this.context.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const { data, width: across } = this.painting;
    for (let y = 0; y < height; y += 1) {
      const row = (box.top + y) * across + box.left;
      const shift = box.left + box.top + y;
      for (let x = 0; x < width; x += 1) {
        if (data[row + x]) pixels[y * width + x] = Math.floor((shift + x) / this.stripe) % 2 ? LIGHT : DEEP;
      }
    }
    this.context.putImageData(image, box.left, box.top);
  }
}
