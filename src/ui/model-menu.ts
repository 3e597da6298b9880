import { html, nothing, type TemplateResult } from "lit";
import { FAMILIES, MODEL_NAMES, type ModelName, type ModelSet } from "./model-set.js";
import { deskWords } from "./words/first.js";

/** The choice of addresses that someone gives. */
export const OWN = "own";

/** The choice among families of models, where there are any, and addresses of one's own. */
export function renderModelMenu(
  choice: string,
  set: ModelSet,
  {
    hasFamilies,
    onChoice,
    onAddress,
  }: {
    hasFamilies: boolean;
    onChoice(choice: string): void;
    onAddress(name: ModelName, address: string | undefined): void;
  },
): TemplateResult {
  const families = hasFamilies ? Object.entries(FAMILIES) : [];
  return html`<label class="field wide"><span>${deskWords.models}</span>
      <select @change=${(event: Event) => onChoice((event.target as HTMLSelectElement).value)}>
        ${families.map(([name, { label }]) => html`<option value=${name} ?selected=${choice === name}>${label}</option>`)}
        <option value=${OWN} ?selected=${choice === OWN}>${deskWords.ownAddresses}</option>
      </select></label>
    ${
      choice === OWN
        ? MODEL_NAMES.map(
            (name) => html`<label class="field wide"><span>${deskWords.modelAddress(name)}</span>
              <input type="url" .value=${set[name] ?? ""} @change=${(event: Event) =>
                onAddress(name, (event.target as HTMLInputElement).value || undefined)} /></label>`,
          )
        : nothing
    }`;
}
