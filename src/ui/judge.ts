import { html, type TemplateResult } from "lit";
import type { ModelName } from "./model-set.js";
import { judgeWords } from "./words/first.js";

/** The models that may weigh, and their words. */
const JUDGES = { target: judgeWords.target, draft: judgeWords.draft } as const satisfies Partial<
  Record<ModelName, string>
>;

/** A model that may weigh. */
export type Judge = keyof typeof JUDGES;

/** The choice of the model that weighs. */
export function renderJudge(judge: Judge, onChange: (judge: Judge) => void): TemplateResult {
  return html`<label class="field"><span>${judgeWords.by}</span>
    <select name="energy" @change=${(event: Event) => onChange((event.target as HTMLSelectElement).value as Judge)}>
      ${Object.entries(JUDGES).map(
        ([name, label]) => html`<option value=${name} ?selected=${name === judge}>${label}</option>`,
      )}
    </select></label>`;
}
