// A mask file, chosen or dropped on the image. The bot checks it by the rules for masks uploaded in Discord, and
// returns it in black and white.

import * as server from "./server.js";

const MEGABYTE = 1024 * 1024;
// Rows that are read together: all pixels of a large image would take four times the memory of the mask.
const BAND = 256;

export class MaskUpload {
  /** `taken(file)` receives each chosen or dropped file. */
  constructor({ input, stage, taken }) {
    input.addEventListener("change", () => {
      const [file] = input.files;
      input.value = ""; // allows choosing the same file again
      if (file) taken(file);
    });
    this.drops(stage, taken);
  }

  drops(stage, taken) {
    // Elsewhere on the page, the browser would open a dropped file in place of the page.
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
 * Returns the pixels that the mask in a file marks, one byte per pixel, and notes on its conversion.
 * Throws server.Refused with the reason if the file cannot be used.
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
