// Carets of others, drawn by ourselves: their labels must not be read out inside the sentence, and colours go
// through the CSS object model, for the content policy refuses style attributes.

const longestLabel = 40;
const isColour = (value: unknown): value is string =>
  typeof value === "string" && /^#[0-9a-f]{6}$/i.test(value);

/** `user` came over the wire from another browser: nothing about it is certain. */
export function renderCaret(user: Record<string, unknown>): HTMLElement {
  const colour = isColour(user["color"]) ? user["color"] : "#635a4c";
  const name = typeof user["name"] === "string" ? user["name"] : "?";
  const caret = document.createElement("span");
  caret.className = "caret";
  caret.setAttribute("aria-hidden", "true");
  caret.style.borderColor = colour;
  const label = document.createElement("span");
  label.className = "caret-label";
  label.style.backgroundColor = colour;
  // Drawn by the style sheet: a name that is no text is neither copied nor searched with the notes.
  label.dataset["name"] = Array.from(name).slice(0, longestLabel).join("");
  caret.append(label);
  return caret;
}

export function renderSelection(user: Record<string, unknown>): Record<string, string> {
  return isColour(user["color"])
    ? { class: "caret-selection", style: `background-color: ${user["color"]}2e` }
    : {};
}
