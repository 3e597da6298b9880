import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { DecoderInfo } from "../worker/client.js";
import { renderReasons } from "./controls.js";
import type { Plans } from "./plans.js";

/** What would let a decoder run that none of the models at hand can run. */
const REMEDY = "Choose another set of models, or give the address of one that can.";

/** The choice of a pane's decoder among all that there are. What can't run with the models at hand is listed, disabled, with its reason. */
export function renderDecoderMenu(
  infos: readonly DecoderInfo[],
  { label, decoder, isBusy }: { label: string; decoder: string; isBusy: boolean },
  plans: Plans,
  onChange: (decoder: string) => void,
): TemplateResult | typeof nothing {
  if (infos.length === 0) return nothing;
  const reasons = infos.flatMap(({ name }) => {
    const plan = plans.of(name);
    return plan && plan.roles === null && plan.refusal ? [[name, `${plan.refusal.message} ${REMEDY}`]] : [];
  });
  const isRefused = (name: string) => name !== decoder && reasons.some(([one]) => one === name);
  const summary = infos.find(({ name }) => name === decoder)?.summary;
  return html`<div class="decoder">
    <label class="field"><span>Decoder</span><select name="decoder" aria-label="Decoder, ${label}" title=${summary ?? ""}
      ?disabled=${isBusy} .value=${live(decoder)}
      @change=${(event: Event) => onChange((event.target as HTMLSelectElement).value)}>
      ${infos.map(({ name }) => html`<option value=${name} ?selected=${name === decoder} ?disabled=${isRefused(name)}>${name}</option>`)}
    </select></label>
    ${reasons.length > 0 ? renderReasons(reasons) : nothing}
  </div>`;
}
