// Runs under options that chance picks from the decoders' own tables: what holds of all of them.
import { describe, expect, it } from "vitest";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { PURPOSE, uniform } from "../sampling/noise.js";
import { IS_WHOLE } from "../testing/test-depth.js";
import { anySubset } from "./any-subset/decoder.js";
import { blockDiffusion } from "./block-diffusion/decoder.js";
import type { Decoder } from "./decoder.js";
import { brokenRules } from "../testing/edit-rules.js";
import { maskedDiffusion } from "./masked-diffusion/decoder.js";
import { planRun } from "./engine/plan.js";
import type { Option } from "./options.js";
import { hashedModels, rehearse } from "../testing/rehearsal.js";
import { speculative } from "./speculative/decoder.js";
import { windowDiffusion } from "./window-diffusion/decoder.js";

const NUM_RUNS = IS_WHOLE ? 1500 : 50;
const MASK = 12;
const FIRST = ["commit_rule", "block_rule", "cache", "drafter", "verifier"];
const REVISING = ["remdm", "p2", "mask_predict", "edit"];

type Models = ReturnType<typeof hashedModels>;

/** Decides by a number of its own for each question. */
class Whim {
  private asked = 0;

  constructor(private readonly seed: number) {}

  share(): number {
    return uniform(this.seed, PURPOSE.order, this.asked++, 0, 0);
  }

  below(count: number): number {
    return Math.floor(this.share() * count);
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)];
  }

  /** A value within the option's limits, more often a small one; undefined for what isn't a number, a choice or a switch. */
  value(option: Option): unknown {
    if (option.type === "boolean") return this.share() < 0.5;
    if (option.type === "enum") return this.of(option.values);
    if (option.type !== "integer" && option.type !== "number") return undefined;
    const [min, max] = [option.min ?? option.above ?? 0, Math.min(option.max ?? 8, 1e3)];
    const value = min + (max - min) * this.share() ** 3;
    return option.type === "integer" ? Math.round(value) : Math.max(value, min + 1e-3);
  }
}

function isTaken(decoder: Decoder, { target, draft }: Models, options: Record<string, unknown>): boolean {
  const promptIds = options.infill ? [0, MASK, 1] : [0, 1, 2];
  const capabilities = { capabilities: target.capabilities, draftCapabilities: draft.capabilities };
  try {
    planRun({ decoder, promptIds, options, ...capabilities });
    return true;
  } catch (error) {
    expect(error, JSON.stringify(options)).toBeInstanceOf(InvalidOptionError);
    return false;
  }
}

/** A prompt, at times with holes, and options of which a few aren't the default. */
function whimsical(decoder: Decoder, models: Models, whim: Whim) {
  let options: Record<string, unknown> = {
    max_new_tokens: whim.below(21),
    temperature: whim.of([0, 0.5, 1, 1.7]),
    seed: whim.below(1000),
  };
  // What others depend on comes first; what contradicts the options before it is left out.
  const names = Object.keys(decoder.options).sort((a, b) => Number(FIRST.includes(b)) - Number(FIRST.includes(a)));
  for (const name of names) {
    if (name in options || whim.share() > (FIRST.includes(name) ? 0.8 : 0.2)) continue;
    const more = { ...options, [name]: whim.value(decoder.options[name]) };
    if (isTaken(decoder, models, more)) options = more;
  }
  const promptIds = Array.from({ length: 1 + whim.below(12) }, () => whim.below(MASK));
  if (options.infill) for (let i = 0; i <= whim.below(3); i++) promptIds[whim.below(promptIds.length)] = MASK;
  return { promptIds, options };
}

describe.each<[Decoder, Parameters<typeof hashedModels>[0]]>([
  [blockDiffusion, "blocks"],
  [maskedDiffusion, "full"],
  [windowDiffusion, "masks-last"],
  [anySubset, "subsets"],
  [speculative, "causal"],
])("$name", (decoder, kind) => {
  it("under any options writes what it says, once, and the same again, or refuses by name", async () => {
    const models = hashedModels(kind);
    const mask = models.target.capabilities.maskToken;
    let written = 0;
    let filled = 0;
    for (let seed = 0; seed < NUM_RUNS; seed++) {
      const { promptIds, options } = whimsical(decoder, models, new Whim(seed));
      const run = () => rehearse({ decoder, models, promptIds, options });
      let first: Awaited<ReturnType<typeof run>>;
      try {
        first = await run();
      } catch (error) {
        expect(error, JSON.stringify(options)).toBeInstanceOf(InvalidOptionError);
        continue;
      }
      const { events, canvas, done } = first;
      const takesBack = REVISING.includes(String(options.commit_rule));
      expect(brokenRules(events, mask, takesBack), JSON.stringify({ promptIds, options })).toEqual([]);
      const ids = canvas.ids();
      const isHole = (i: number) => options.infill === true && promptIds[i] === MASK;
      expect(promptIds.map((_, i) => (isHole(i) ? MASK : ids[i]))).toEqual(promptIds);
      if (options.infill) filled++;
      else expect(done.ids).toHaveLength(Number(options.max_new_tokens));
      expect((await run()).events).toEqual(events);
      written++;
    }
    expect(written).toBeGreaterThan(0.9 * NUM_RUNS);
    if (decoder !== speculative) expect(filled).toBeGreaterThan(0);
  }, 600_000);
});
