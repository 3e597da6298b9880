import { invariant } from "../../../vocabulary/errors.js";
import { PURPOSE } from "../../../sampling/noise.js";
import { noiseChance } from "../../../sampling/verify/chance.js";
import { drawDistinct } from "../../../sampling/verify/recursive.js";
import type { Pending } from "../../../seam/pending.js";
import type { Draft } from "../../../seam/questions/draft.js";
import type { Selected } from "../../../seam/questions/sample.js";
import type { HostRows } from "../host-rows.js";
import { HostLaws } from "../stores.js";
import { sample } from "./sample.js";

/** Draws drafts and keeps their laws. */
export function draft(rows: HostRows, { sampler, laws, depth }: Draft): Pending<Selected[]> {
  const { list } = rows.origin;
  invariant(laws instanceof HostLaws && rows.count === laws.numChains, `${rows.count} rows draft at once`);
  const before = depth * laws.numChains;
  invariant(before < laws.numDrafts, `depth ${depth} of ${laws.numDrafts} drafts`);
  if (sampler.temperature === 0) return sample(rows, { sampler, draw: 0 });
  laws.drafts.length = before;
  const drawn = list.map((row) => rows.drawn(row, sampler));
  laws.drafts.push(...drawn.map(({ law }) => law));
  const [{ law: first, position }] = drawn;
  const chance = rows.session.chance ?? noiseChance({ seed: sampler.seed, position: position - depth });
  const tokens =
    laws.isDistinct && depth === 0
      ? drawDistinct(first, list.length, (left) => chance.draw(left, PURPOSE.draft, 0, 0))
      : drawn.map(({ law }, chain) => chance.draw(law, PURPOSE.draft, depth, chain));
  const selected = tokens.map((token, i) => ({ token, logprob: rows.logprobOf(list[i], sampler, token) }));
  return rows.pending(selected, (word) => selected[word].token);
}
