// A mask made elsewhere, chosen as a file or dropped on the image. The bot checks it, by the rules that hold for masks
// uploaded in Discord, and gives it back in black and white.

import * as server from "./server.js";

const MEGABYTE = 1024 * 1024;
// Rows that are read together: the pixels of a whole large image would take four times the memory of the painting.
const BAND = 256;

export class MaskUpload {
  /** `taken(file)` is given each file that somebody chooses or drops. */
  constructor({ input, stage, taken }) {
    input.addEventListener("change", () => {
      const [file] = input.files;
      input.value = ""; // the same file can be chosen again
      if (file) taken(file);
    });
    this.drops(stage, taken);
  }

  drops(stage, taken) {
    // Anywhere else a dropped file would open in place of the page.
    for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => event.preventDefault());
    const over = (on) => stage.classList.toggle("dropping", on);
    stage.addEventListener("dragover", (event) => over([...event.dataTransfer.types].includes("Files")));
    stage.addEventListener("dragleave", (event) => {
      if (!stage.contains(event.relatedTarget)) over(false);
    });
    stage.addEventListener("drop", (event) => {
      over(false);
      const [file] = event.dataTransfer.files;
      if (file) taken(file);
    });
  }
}

export const megabytes = (bytes) => Math.floor(bytes / MEGABYTE);

/**
 * Which pixels a file's mask selects, one byte a pixel, and what was done to it, in words.
 * Raises server.Refused with the reason why it cannot be used.
 */
export async function selected(file, { width, height }) {
  const { png, notes } = await server.readMask(file);
  const image = await createImageBitmap(png, { colorSpaceConversion: "none" });
  const canvas = Object.assign(document.createElement("canvas"), { width, height: Math.min(BAND, height) });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const bits = new Uint8Array(width * height);
  for (let top = 0; top < height; top += BAND) {
    const rows = Math.min(BAND, height - top);
    context.drawImage(image, 0, top, width, rows, 0, 0, width, rows);
    const { data } = context.getImageData(0, 0, width, rows);
    for (let at = 0; at < width * rows; at += 1) bits[top * width + at] = data[4 * at] > 127 ? 255 : 0;
  }
  image.close();
  return { bits, notes };
}
