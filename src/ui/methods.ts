import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { DecoderInfo } from "../worker/client.js";
import { renderReasons } from "./controls.js";
import type { Menus } from "./menus.js";

/** How a pane writes, and the choice among the decoders that it could write with, where there is one. What can't run says why. */
export function renderMethods(
  kin: readonly DecoderInfo[],
  decoder: string,
  menus: Menus,
  isBusy: boolean,
  onChange: (decoder: string) => void,
): TemplateResult | typeof nothing {
  const about = html`<p class="about">${kin.find(({ name }) => name === decoder)?.about}</p>`;
  if (kin.length < 2) return kin.length === 0 ? nothing : about;
  const reasons = kin.flatMap(({ name }) => {
    const refusal = menus.of(name)?.refusal;
    return refusal?.code === "unsupported_model" ? [[name, refusal.message]] : [];
  });
  const isRefused = (name: string) => name !== decoder && reasons.some(([one]) => one === name);
  return html`<div class="field">
    <label><span>Method</span><select name="decoder" ?disabled=${isBusy} .value=${live(decoder)}
      @change=${(event: Event) => onChange((event.target as HTMLSelectElement).value)}>
      ${kin.map(({ name }) => html`<option ?selected=${name === decoder} ?disabled=${isRefused(name)}>${name}</option>`)}
    </select></label>
    ${reasons.length > 0 ? renderReasons(reasons) : nothing}
  </div>${about}`;
}
