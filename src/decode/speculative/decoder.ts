import { secondModel } from "../companion.js";
import { invariant } from "../../vocabulary/errors.js";
import type { UsualForwards } from "../../seam/usual-forwards.js";
import { type Decoder, defineDecoder } from "../decoder.js";
import { draftSources } from "./drafters/index.js";
import { costsWanted } from "./schedules/costs.js";
import { resolveSchedule } from "./schedules/schedule.js";
import type { DraftSource } from "./drafters/source.js";
import { checkNoDrafts } from "./verifiers/no-drafts.js";
import { resolveVerifier, verifierClaim, verifierLength } from "./verifiers/verifiers.js";
import { approximately } from "../law.js";
import { numberOption, type OptionValues } from "../options.js";
import { resolveOwn } from "../own-options.js";
import { speculativeOptions } from "./options.js";

const UNLIKE_ROWS =
  "where the model runs, rows that are judged together differ in their last bits from rows read one by one, so that a near tie may fall otherwise";

const ROUNDED_ROWS =
  "in this model's file, rows that are judged together are rounded together to 8 bits, so that each changes the others a little";

/**
 * A source drafts, the target checks all drafts in one forward. By default a draft is accepted iff it is the token that
 * `autoregressive` would draw there, with the same noise; so the text is the same at any temperature, whatever drafts.
 * The other verifiers keep the target's law, by other draws.
 */
export const speculative: Decoder = speculativeFrom(draftSources);

/** The decoder `speculative` with these draft sources; the first is the default. */
export function speculativeFrom(sources: readonly DraftSource[]): Decoder {
  const sourceOf = ({ drafter }: OptionValues): DraftSource => {
    const source = sources.find(({ name }) => name === drafter);
    invariant(source, `no draft source ${drafter}`);
    return source;
  };
  const decoder: Decoder = defineDecoder({
    name: "speculative",
    label: "Speculative",
    summary: "A cheap source drafts, the target verifies in one forward pass; same text as autoregressive",
    options: speculativeOptions(sources),
    foremost: ["drafter", "num_assistant_tokens", "num_assistant_tokens_schedule", "verifier"],
    resolve(options, capabilities) {
      const source = sourceOf(options);
      const drafted = resolveOwn("drafter", source, sources, options);
      drafted.num_assistant_tokens ??= source.lengthOf?.(drafted) ?? verifierLength(drafted) ?? source.numTokens;
      if (drafted.num_assistant_tokens === 0) checkNoDrafts(options, source);
      source.check?.(drafted, capabilities);
      const resolved = resolveVerifier(drafted, source, capabilities);
      const { name, isChain, draws = "nothing" } = source;
      const isFree = !source.needs(resolved).beside;
      return resolveSchedule(resolved, { name, isChain, isFree, hasLaw: draws === "chain" || draws === "chains" });
    },
    claim({ options, capabilities: { unlikeRows } }) {
      const claim = verifierClaim(options);
      const isTree = sourceOf(options).needs(options).asks?.includes("parents");
      const isUnlike = unlikeRows !== undefined && (unlikeRows !== "trees" || isTree);
      if (claim.fidelity !== "identical" || !isUnlike) return claim;
      return approximately(claim, unlikeRows === "rounded" ? ROUNDED_ROWS : UNLIKE_ROWS);
    },
    needs: (options) => ({ causal: true, ...sourceOf(options).needs(options) }),
    usualForwards: (options) => usualForwards(options, sourceOf(options)),
    costsWanted: (options, capabilities) => costsWanted(decoder, options, capabilities),
    run: (run) => sourceOf(run.options).rounds(run),
  });
  return decoder;
}

/** A chain's rounds: as many rows as may be drafted and one; a draft model reads one row, or two behind a verdict. */
function usualForwards(options: OptionValues, { isChain, needs }: DraftSource): UsualForwards {
  if (!isChain || options.verifier !== "coupling") return { drawn: [1] };
  const isMeasured = options.num_assistant_tokens_schedule === "adaptive";
  const most = numberOption(options, "num_assistant_tokens") + 1;
  const verified = isMeasured ? Array.from({ length: most - 1 }, (_, i) => i + 2) : most > 1 ? [most] : [];
  const second = secondModel(needs(options).beside);
  return { drawn: [1], verified, drafted: second && second.block === undefined ? [1, 2] : [], isMeasured };
}

/** Found by its folder (`decode/index.ts`). */
export default speculative;
