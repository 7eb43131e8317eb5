// The texts of the page, in its reader's language.

/** Returns a text by its name, with its placeholders replaced by `values`. */
export function word(name, values = {}) {
  const text = document.querySelector(`[data-word="${name}"]`).textContent;
  return Object.entries(values).reduce((said, [key, value]) => said.replaceAll(`{${key}}`, String(value)), text);
}
