// Files to be sent: cards with a preview, chosen by picker, dropped or pasted.

import { h, icon, iconButton } from "./dom.js";
import { sizeInWords } from "./media.js";

/** A card for one file; `onremove` takes it away. */
export function uploadCard(file, onremove) {
  const remove = iconButton("trash", `Remove ${file.name}`, onremove);
  const name = h("span.upload-name.clip", { title: file.name }, file.name);
  return h(".upload.card.column", preview(file), name, h("small", sizeInWords(file.size)), remove);
}

function preview(file) {
  if (!file.type.startsWith("image/")) return h(".upload-picture.center.muted", icon("file", 40));
  const src = URL.createObjectURL(file);
  const onload = () => URL.revokeObjectURL(src);
  return h("img.upload-picture", { src, alt: "", onload });
}

/** Asks for files with the system's picker. */
export function pickFiles(multiple, onfiles) {
  const input = h("input", { type: "file", multiple });
  input.addEventListener("change", () => input.files.length && onfiles([...input.files]));
  input.click();
}

/** Lets files be dropped on an element or pasted into it. */
export function takesFiles(element, onfiles) {
  const take = (event, { files }) => {
    if (!files?.length) return;
    event.preventDefault();
    event.stopPropagation();
    onfiles([...files]);
  };
  // Without this, the browser opens what is dropped.
  element.addEventListener("dragover", (event) => event.preventDefault());
  element.addEventListener("drop", (event) => take(event, event.dataTransfer));
  element.addEventListener("paste", (event) => take(event, event.clipboardData));
}
