import { invariant } from "../../../vocabulary/errors.js";
import type { TokenId } from "../../../vocabulary/events.js";
import { divergence, measureAs, measure as measureLaw, withCredit } from "../../../sampling/measure.js";
import { type Draw, probabilities } from "../../../sampling/processors.js";
import type { Pending } from "../../../seam/pending.js";
import type { Measure, Measured } from "../../../seam/questions/measure.js";
import type { Sampler } from "../../../seam/sampler.js";
import type { HostRows } from "../host-rows.js";
import { HostMemory } from "../stores.js";

/** Each row's token and how sure its law is, by float64. */
export function measure(rows: HostRows, { sampler, how }: Measure): Pending<Measured[]> {
  const { memory, draw = 0, given = [] } = how;
  const { list } = rows.origin;
  const answers = list.map((row, i): Measured => {
    const logits = rows.logitsOf(row);
    const at = { ...rows.at(row), draw };
    if (!memory) return measured(rows, logits, sampler, at, given[i]);
    const { of, positions } = memory;
    invariant(of instanceof HostMemory, "this memory is another model's");
    invariant(positions[i] === rows.at(row).position, `row ${row} doesn't fill position ${positions[i]}`);
    const earlier = of.rows.get(positions[i]) ?? null;
    if (of.rule.keeps === "law") {
      of.rows.set(positions[i], logits);
      const own = measured(rows, logits, sampler, at, given[i]);
      return { ...own, divergence: earlier && divergence(logits, earlier, sampler.suppress) };
    }
    const credited = withCredit(logits, earlier, of.rule, sampler.suppress);
    of.rows.set(positions[i], credited.credits);
    return measured(rows, credited.logits, sampler, at, given[i]);
  });
  return rows.pending(answers, (word) => answers[word].token);
}

function measured(rows: HostRows, logits: Float64Array, sampler: Sampler, at: Draw, given?: TokenId): Measured {
  const { chance } = rows.session;
  if (!chance) return measureLaw(logits, sampler, at, given);
  const token = rows.drawOnce(probabilities(logits, sampler, at.history), at, chance);
  return measureAs(token, logits, sampler, given);
}
