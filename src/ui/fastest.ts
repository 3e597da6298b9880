import { html, nothing, type TemplateResult } from "lit";
import { costOfRows, curveOf, draftingCost, type ModelRef, startRun } from "../worker/client.js";
import type { Chosen } from "../vocabulary/chosen.js";
import { toWire, type WireError } from "../vocabulary/errors.js";
import { BY_COSTS } from "./default-panes.js";
import { formatNumber } from "./figures.js";
import { fastestWords } from "./words/first.js";

/** Most drafts of a round; so no more rows than these and one are measured. */
const MOST_DRAFTS = 7;
/** What a draft model's chain is taken to be worth: `story-draft` has .4 to .5 of its first drafts accepted, by text and temperature. */
const ACCEPTANCE = 0.5;
/** Less isn't worth a second model. */
const MIN_GAIN = 1.05;

/** Options that are lossless and, by measured costs, the fastest on this device. */
export interface Fastest {
  options: Chosen;
  /** What a draft model is expected to write by plain decoding's speed; null before anything was measured. */
  byModel: number | null;
  /** Why nothing was measured, though it was tried. */
  tooSlow?: string;
  /** Why the draft model can't draft by ids: its tokens aren't the model's. */
  differs?: string;
}

/** The code of a run whose draft model has other tokens than the model. */
const OTHER_VOCABULARY = "other_vocabulary";
/** Drafts of such a model, by the text. */
const BY_TEXT: Chosen = { drafter: BY_COSTS.byText };

/** Before anything was measured: drafts that cost nothing where they aren't made. */
export const UNMEASURED: Fastest = { options: optionsOf(BY_COSTS.withoutModel), byModel: null };

/** What is measured before a text that waits for it may take so long. */
const MOST_MEASURING_MS = 3000;

/** What costs are measured with. */
export const MEASURED: Chosen = optionsOf(BY_COSTS.withModel);

/** What a person gets with one click: the decoder's own default, said so that an address can hold it. */
const FIXED: Chosen = { num_assistant_tokens_schedule: "constant" };

function optionsOf(drafter: string): Chosen {
  return { drafter, num_assistant_tokens_schedule: "adaptive", num_assistant_tokens: MOST_DRAFTS };
}

/** Where forwards are too slow to be timed first: drafts that cost nothing themselves, as many as the decoder makes unless it is told. */
const unhurried = (why: string): Fastest => ({
  options: { drafter: BY_COSTS.withoutModel, ...FIXED },
  byModel: null,
  tooSlow: why,
});

/**
 * Measures what forwards of both models cost, if that isn't known, and chooses by it. A run of one token does, since it tells in
 * its `start` event what lengths would be chosen by. `UNMEASURED` where it fails: the run that was asked for says why. Null where
 * `signal` ended it.
 */
export async function findFastest(model: ModelRef, draft: ModelRef, signal: AbortSignal): Promise<Fastest | null> {
  let costs: Record<string, unknown> | null = null;
  const options = { ...MEASURED, max_new_tokens: 1 };
  const job = { model, draft, decoder: BY_COSTS.decoder, prompt: "a", options, mostMeasuringMs: MOST_MEASURING_MS };
  if (signal.aborted) return null;
  const run = startRun(job, (events) => {
    for (const event of events) if (event.type === "start") costs = event.options;
  });
  signal.addEventListener("abort", run.cancel, { once: true });
  try {
    await run.done;
  } catch (error) {
    const { code, message } = toWire(error);
    if (code === OTHER_VOCABULARY) return { ...UNMEASURED, differs: message };
    return code === "slow_costs" ? unhurried(message) : UNMEASURED;
  } finally {
    signal.removeEventListener("abort", run.cancel);
  }
  if (signal.aborted) return null;
  return costs ? fastestOf(costs) : UNMEASURED;
}

/** The choice by `forward_costs` and `draft_cost`: a draft model where it is expected to pay, else what occurred in the text before. */
export function fastestOf(costs: Record<string, unknown>): Fastest {
  const curve = curveOf(costs.forward_costs as Record<string, number>);
  let byModel = 0;
  let tokens = 1;
  for (let numDrafts = 1; numDrafts <= MOST_DRAFTS; numDrafts++) {
    tokens += ACCEPTANCE ** numDrafts;
    byModel = Math.max(byModel, tokens / (draftingCost(costs, curve, numDrafts) + costOfRows(curve, 1 + numDrafts)));
  }
  return { options: optionsOf(byModel >= MIN_GAIN ? BY_COSTS.withModel : BY_COSTS.withoutModel), byModel };
}

/**
 * The choice between it and the decoder's own defaults, and why it is what it is; drafts by the text where the models' tokens differ. `chosen`: what
 * the pane has; `failure`: why its last run failed.
 */
export function renderFastest(
  { options, byModel, tooSlow, differs }: Fastest,
  chosen: Chosen,
  onChange: (chosen: Chosen) => void,
  failure: WireError | null = null,
): TemplateResult {
  const difference = differs ?? (failure?.code === OTHER_VOCABULARY ? failure.message : null);
  const isByText = JSON.stringify(chosen) === JSON.stringify(BY_TEXT);
  const isFixed = JSON.stringify(chosen) === JSON.stringify(FIXED);
  const drafts = options.drafter === BY_COSTS.withModel ? fastestWords.byModel : fastestWords.byTextBefore;
  const measured =
    byModel === null
      ? differs
        ? fastestWords.differs(differs, drafts)
        : tooSlow
          ? fastestWords.tooSlow(tooSlow, drafts)
          : fastestWords.before
      : fastestWords.measured(formatNumber(byModel), drafts);
  return html`<div class="setting" part="setting">
    <div class="chips" role="group" aria-label=${fastestWords.setting}>
      <button type="button" class="chip" aria-pressed=${chosen === options} @click=${() => onChange(options)}>${fastestWords.here}</button>
      <button type="button" class="chip" aria-pressed=${isFixed} @click=${() => onChange(FIXED)}>${fastestWords.fixed}</button>
      ${
        difference || isByText
          ? html`<button type="button" class="chip" aria-pressed=${isByText} @click=${() => onChange(BY_TEXT)}>${fastestWords.byText}</button>`
          : nothing
      }
    </div>
    <p>${isByText ? fastestWords.howByText : isFixed ? fastestWords.howFixed : measured}</p>
  </div>`;
}
