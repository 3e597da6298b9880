import { html, type TemplateResult } from "lit";
import { tourWords as words } from "../words/tour.js";
import type { TourStep } from "./steps.js";

/** What the buttons of the card do. */
export interface TourKeys {
  go(by: number): void;
  end(): void;
  /** Starts a run in the race's place; null where the race is one of this machine. */
  readonly run: (() => void) | null;
}

const KEYS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1 };

/** The card of one step. Its last button on goes on: the same element from the first step to the last, so that it keeps the focus. */
export function renderTour(steps: readonly TourStep[], at: number, keys: TourKeys): TemplateResult {
  const { title, sentence } = steps[at];
  const isLast = at === steps.length - 1;
  return html`<section class="tour" part="tour" role="dialog" aria-label=${words.name} aria-describedby="tour-says"
    @keydown=${(event: KeyboardEvent) => {
      const by = event.altKey || event.ctrlKey || event.metaKey ? undefined : KEYS[event.key];
      if (by === undefined) return;
      event.preventDefault();
      keys.go(by);
    }}>
    <div id="tour-says" role="status" aria-atomic="true">
      <p class="tour-place">${words.place(at + 1, steps.length)}</p>
      <h2>${title}</h2>
      <p class="tour-says">${sentence}</p>
    </div>
    <div class="tour-keys">
      <button type="button" aria-disabled=${String(at === 0)} @click=${() => keys.go(-1)}>${words.back}</button>
      <button type="button" class="tour-next" @click=${() => (isLast ? keys.end() : keys.go(1))}>${isLast ? words.finish : words.next}</button>
      ${
        isLast
          ? keys.run && html`<button type="button" class="go" @click=${keys.run}>${words.run}</button>`
          : html`<button type="button" class="quiet" @click=${() => keys.end()}>${words.leave}</button>`
      }
      <span class="tour-hint">${words.keys}</span>
    </div>
  </section>`;
}
