import { html, nothing, type TemplateResult } from "lit";
import type { Chosen } from "../vocabulary/chosen.js";
import type { WireError } from "../vocabulary/errors.js";
import type { DecoderInfo, Offers, RunPlan } from "../worker/client.js";
import { type Group, renderOptions } from "./controls.js";
import { BY_COSTS } from "./default-panes.js";
import { type Fastest, renderFastest } from "./fastest.js";
import { renderHere } from "./here.js";
import type { Pane } from "./pane.js";

/** What the controls below a pane show beside its own settings. */
export interface PaneControls {
  infos: readonly DecoderInfo[];
  /** What only its decoder takes. */
  options: Group["options"];
  plan: RunPlan | null;
  /** What the pane alone would be refused for. */
  refusal: WireError | null;
  fastest: Fastest;
  /** The page's own values of what all decoders take. */
  page: Chosen;
  /** Stands above its options, and first among them. */
  above: unknown;
  first: TemplateResult | typeof nothing;
}

/** What can be set for a pane: the options of its decoder, and those of the page that it is to have otherwise. */
export function renderPaneControls(pane: Pane, controls: PaneControls): TemplateResult {
  const { infos, options, plan, refusal, fastest, page, above, first } = controls;
  const { decoder } = pane;
  const { about, foremost } = infos.find(({ name }) => name === decoder) ?? {};
  const chosen = pane.chosenOf(decoder);
  const onChange = (next: Chosen) => pane.choose(decoder, next);
  const own = html`${about ? html`<p class="about">${about}</p>` : nothing}${first}`;
  const leftOut = plan?.leftOut ?? pane.casting.leftOut;
  return html`${above}${decoder === BY_COSTS.decoder ? renderFastest(fastest, chosen, onChange, pane.failure) : nothing}
    ${renderOptions({ title: "Options", options, chosen, offers: plan, onChange, first: own, foremost })}
    ${renderHere(pane, infos, { page, leftOut, offers: plan })}
    ${refusal ? html`<p class="calm refusal" role="status">${refusal.message}</p>` : nothing}`;
}

/** What can be set for every pane: closed is what is closed in all of them. */
export function offersOfAll(plans: readonly (RunPlan | null)[], refusal: WireError | null): Offers | null {
  const [first, ...others] = plans;
  if (!first) return null;
  const closed = Object.entries(first.closed).filter(([name]) => others.every((plan) => plan && name in plan.closed));
  return { refusal, closed: Object.fromEntries(closed), values: {} };
}
