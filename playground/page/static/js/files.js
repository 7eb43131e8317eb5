// Files to be sent: cards with a preview, chosen by picker, dropped or pasted.

import { h, icon, iconButton } from "./dom.js";
import { sizeInWords } from "./media.js";

/** A card for one file; `onremove` takes it away. */
export function uploadCard(file, onremove) {
  return h(
    "div",
    { class: "upload" },
    h("div", { class: "upload-picture" }, preview(file)),
    h("p", { class: "upload-name", title: file.name }, file.name, h("small", {}, sizeInWords(file.size))),
    iconButton("trash", `Remove ${file.name}`, onremove, { class: "icon-button upload-remove" }),
  );
}

function preview(file) {
  if (!file.type.startsWith("image/")) return icon("file", 40);
  const address = URL.createObjectURL(file);
  const img = h("img", { src: address, alt: "" });
  img.addEventListener("load", () => URL.revokeObjectURL(address));
  img.addEventListener("error", () => {
    URL.revokeObjectURL(address);
    img.replaceWith(icon("file", 40));
  });
  return img;
}

/** Asks for files with the system's picker. */
export function pickFiles(multiple, onfiles) {
  const input = h("input", { type: "file", multiple });
  input.addEventListener("change", () => input.files.length && onfiles([...input.files]));
  input.click();
}

/** The files of a paste or drop; empty when it holds none. */
export function filesOf(transfer) {
  return [...(transfer?.files ?? [])];
}

/** Lets files be dropped on an element; it is marked while they hover over it. */
export function dropTarget(element, onfiles) {
  let depth = 0;
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const mark = () => element.classList.toggle("dropping", depth > 0);
  element.addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth += 1;
    mark();
  });
  element.addEventListener("dragleave", (event) => {
    if (!hasFiles(event)) return;
    depth = Math.max(0, depth - 1);
    mark();
  });
  element.addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  element.addEventListener("drop", (event) => {
    depth = 0;
    mark();
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    onfiles(filesOf(event.dataTransfer));
  });
}
