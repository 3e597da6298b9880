// What can't be honoured is refused as an option before anything is read, whatever its value and however long the prompt: never in
// the middle of a run, and never as a fault of ours.
import { describe, expect, it } from "vitest";
import { InvalidOptionError } from "../vocabulary/errors.js";
import type { GenerationEvent } from "../vocabulary/events.js";
import { IS_WHOLE } from "../testing/test-depth.js";
import { draftSources } from "./speculative/drafters/index.js";
import type { Decoder } from "./decoder.js";
import { decoders } from "./index.js";
import type { Option } from "./options.js";
import { hashedModels, rehearse } from "../testing/rehearsal.js";

const LONG = 640;
const MASK = 12;
const KINDS: Record<string, Parameters<typeof hashedModels>[0]> = {
  "block-diffusion": "blocks",
  "masked-diffusion": "full",
  "window-diffusion": "masks-last",
  "any-subset": "subsets",
};

/** The ends of what an option takes. */
function extremesOf(option: Option): unknown[] {
  switch (option.type) {
    case "integer":
      return [option.min ?? 0, option.max ?? 5000, 64];
    case "number":
      return [option.min ?? (option.above ?? 0) + 1e-3, option.max ?? 1e6];
    case "enum":
      return [...option.values];
    case "boolean":
      return [true];
    case "ids":
      return [[1], Array.from({ length: LONG }, (_, i) => (i * 7) % 11)];
    case "map":
      return [{ 1: 1e30 }, { 1: -1e30 }];
    case "strings":
      return [];
  }
}

const tokens = (length: number) => Array.from({ length }, (_, i) => (i * 5 + 1) % 12);
const PROMPTS: Record<string, { promptIds: number[]; infill?: boolean }> = {
  short: { promptIds: [0, 3, 4] },
  long: { promptIds: tokens(560) },
  full: { promptIds: tokens(LONG - 2) },
  "hole early": { promptIds: [0, 3, MASK, MASK, ...tokens(560)], infill: true },
  "hole late": { promptIds: [...tokens(560), MASK, MASK, 1], infill: true },
  "short draft": { promptIds: [0, 3, 4] },
  "long, short draft": { promptIds: tokens(200) },
  "hole large, short draft": { promptIds: [0, ...new Array<number>(300).fill(MASK), 1], infill: true },
  "hole large": { promptIds: [0, ...new Array<number>(300).fill(MASK), 1], infill: true },
};

/** What each decoder is tried beside. */
function basesOf({ name, options }: Decoder): Record<string, unknown>[] {
  if (name === "speculative") {
    const CORPUS = { corpus: Array.from({ length: LONG }, (_, i) => (i * 7) % 11) };
    return draftSources.flatMap(({ name: drafter, draws }) => {
      const own = { drafter, ...(["retrieval", "trigram"].includes(drafter) ? CORPUS : {}) };
      if (draws === "chains") return ["kseq", "recursive", "typical"].map((verifier) => ({ ...own, verifier }));
      if (draws === "chain") return ["coupling", "block", "bild"].map((verifier) => ({ ...own, verifier }));
      return [own];
    });
  }
  const { commit_rule: rule } = options;
  return rule?.type === "enum" ? rule.values.map((commit_rule) => ({ commit_rule })) : [{}];
}

/** Runs two steps; the error, if that wasn't an option's before the start. */
async function fault(
  decoder: Decoder,
  prompt: string,
  options: Record<string, unknown>,
  kind: Parameters<typeof hashedModels>[0],
) {
  const { promptIds, infill } = PROMPTS[prompt];
  if (infill && !("infill" in decoder.options)) return null;
  const capabilities = { maxLength: LONG, ...(kind === "subsets" ? { bidirectional: true } : {}) };
  const { target, draft } = hashedModels(kind, capabilities);
  const short = hashedModels(kind, { ...capabilities, maxLength: 96 }).draft;
  const models = { target, draft: prompt.includes("short draft") ? short : draft };
  const events: GenerationEvent[] = [];
  const all = { max_new_tokens: infill ? 400 : 6, ...(infill ? { infill } : {}), ...options };
  try {
    await rehearse({ decoder, models, promptIds, options: all, maxSteps: 2, onEvent: (event) => events.push(event) });
    return null;
  } catch (error) {
    if (error instanceof InvalidOptionError && events[0]?.type !== "start") return null;
    return `${prompt} ${JSON.stringify(options).slice(0, 150)}: ${String(error).slice(0, 200)}`;
  }
}

describe.each(decoders.map((decoder) => [decoder.name, decoder] as const))("%s", (name, decoder) => {
  it.each(basesOf(decoder).filter((_, i) => IS_WHOLE || i % 6 === 0))(
    "%o",
    async (base) => {
      const faults: string[] = [];
      const kind = KINDS[name] ?? ("drafter" in base && base.drafter === "block-diffusion" ? "block-drafts" : "causal");
      for (const [option, described] of Object.entries(decoder.options)) {
        if (option in base || option === "max_new_tokens") continue;
        for (const value of extremesOf(described)) {
          for (const temperature of IS_WHOLE ? [0, 1] : [1]) {
            for (const prompt of IS_WHOLE ? Object.keys(PROMPTS) : ["short", "long, short draft"]) {
              const own = option === "temperature" ? {} : { temperature };
              const found = await fault(decoder, prompt, { ...own, ...base, [option]: value }, kind);
              if (found) faults.push(found);
            }
          }
        }
      }
      expect(faults).toEqual([]);
    },
    900_000,
  );
});
