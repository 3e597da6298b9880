import { html, nothing, type TemplateResult } from "lit";
import type { RecordedRace } from "../recording.js";
import { recordedWords as WORDS } from "../words/first.js";

/** What can be done about a recording that is shown. */
export interface NoteHost {
  generate(): Promise<unknown>;
  playRecording(): Promise<unknown>;
  skipRecording(): unknown;
}

/** Says of what is shown that nothing of it was computed here, and offers what there is to do about it, `more` among it. */
export function renderRecorded(
  { trace, slowness, isPlaying }: RecordedRace,
  host: NoteHost,
  more: TemplateResult | typeof nothing,
): TemplateResult {
  const { date, adapter } = trace;
  return html`<p class="recorded" part="recorded" role="status"><strong>${WORDS.title}</strong> ${WORDS.where(date.slice(0, 10), adapter)}${
    slowness > 1 ? WORDS.slowed(slowness) : nothing
  }.</p>
    <div class="recorded-act">
      <button type="button" class="go" @click=${() => host.generate()}>${WORDS.run}</button>
      ${more}
      ${
        isPlaying
          ? html`<button type="button" class="quiet" @click=${() => host.skipRecording()}>${WORDS.skip}</button>`
          : html`<button type="button" class="quiet" @click=${() => host.playRecording()}>${WORDS.play}</button>`
      }
    </div>`;
}
