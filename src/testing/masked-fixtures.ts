import { readdirSync, readFileSync } from "node:fs";
import { expect } from "vitest";
import type { Reading } from "../architecture/reading.js";
import type { Attend } from "../seam/forward.js";
import type { Model } from "../seam/model.js";
import { loadDecoder } from "../decode/load-decoder.js";
import { rehearse } from "./rehearsal.js";

/** A model folder as the hub has it, whose models fill masks; `make.py` there wrote it and its answers. */
export interface MaskedFixture {
  name: string;
  folder: string;
  mask: number;
  prompt: number[];
  canvas: number[];
  readings: MaskedReading[];
  tolerance: number;
}

/** What a reference says of such a model, read one way. */
export interface MaskedReading {
  /** What is said at load; null: the config says it. */
  blockLength: Reading | null;
  reads: number | "full" | "causal";
  /** Rows of `canvas` whose logits stand in `logits`. */
  rows: number[];
  logits: number[][];
  /** The greedy text behind the prompt, a token a step, the surest mask first. */
  filled: number[];
}

const ROOT = "tests/fixtures/masked";

/** All of them. */
export const MASKED_FIXTURES: readonly MaskedFixture[] = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => {
    const folder = `${ROOT}/${name}`;
    return { name, folder, ...JSON.parse(readFileSync(`${folder}/expected.json`, "utf8")) } as MaskedFixture;
  });

/** The decoder that fills masks of a model that reads so. */
const DECODERS = { full: "masked-diffusion", causal: "window-diffusion" } as const;

/** What a loaded fixture says of the reference's canvas is what the reference says. */
export async function expectLogits(fixture: MaskedFixture, reading: MaskedReading, model: Model): Promise<void> {
  const { canvas, mask, tolerance } = fixture;
  const { reads, rows, logits } = reading;
  expect(model.capabilities.maskToken).toBe(mask);
  const attend: Attend = typeof reads === "number" ? { block: reads } : reads;
  const session = model.session();
  const said = await session.forward({ tokens: canvas, attend, rows, keep: 0 }).logits();
  session.dispose();
  const expected = logits.flat();
  expect(said).toHaveLength(expected.length);
  expect(expected.reduce((worst, logit, i) => Math.max(worst, Math.abs(logit - said[i])), 0)).toBeLessThan(tolerance);
}

/** What it writes behind the reference's prompt is what the reference writes. */
export async function expectText(
  { prompt }: MaskedFixture,
  { reads, filled }: MaskedReading,
  target: Model,
): Promise<void> {
  const decoder = await loadDecoder(typeof reads === "number" ? "block-diffusion" : DECODERS[reads]);
  const options = {
    max_new_tokens: filled.length,
    ...{ commit_rule: "threshold", threshold: 1 },
    ...(reads === "causal" ? { window_length: 4 } : {}),
  };
  const { done } = await rehearse({ decoder, models: { target }, promptIds: prompt, options });
  expect(done.ids).toEqual(filled);
}
