import { html, nothing, svg, type TemplateResult } from "lit";
import type { Pane } from "./pane.js";
import { paneListWords } from "./words/first.js";

const TWIN = svg`<path d="M5 5V2h9v9h-3M2 5h9v9H2z"/>`;
const CROSS = svg`<path d="m3 3 10 10M13 3 3 13"/>`;

/** What can be done with a pane's place in the list; null: not now. */
export interface PlaceActions {
  duplicate: ((pane: Pane) => void) | null;
  remove: ((pane: Pane) => void) | null;
}

/** The buttons of a pane's head that duplicate and remove it. */
export function renderPaneButtons(pane: Pane, { duplicate, remove }: PlaceActions): TemplateResult {
  return html`${renderButton(paneListWords.duplicate(pane.label), "duplicate", TWIN, duplicate && (() => duplicate(pane)))}${renderButton(
    paneListWords.remove(pane.label),
    "remove",
    CROSS,
    remove && (() => remove(pane)),
  )}`;
}

function renderButton(
  words: string,
  name: string,
  icon: TemplateResult<2>,
  onClick: (() => void) | null,
): TemplateResult | typeof nothing {
  return onClick === null
    ? nothing
    : html`<button type="button" class="quiet icon ${name}" aria-label=${words} title=${words} @click=${onClick}>
      <svg viewBox="0 0 16 16" aria-hidden="true">${icon}</svg></button>`;
}
