// The page's texts, in its reader's language.

/** A text by its name, with the values that its braces name. */
export function word(name, values = {}) {
  const text = document.querySelector(`[data-word="${name}"]`).textContent;
  return Object.entries(values).reduce((said, [key, value]) => said.replaceAll(`{${key}}`, String(value)), text);
}
