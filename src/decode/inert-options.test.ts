// Options that are set and change nothing beside the others are refused by name; a model's own defaults never are.
import { describe, expect, it } from "vitest";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { hashedModels, rehearse } from "../testing/rehearsal.js";
import { anySubset } from "./any-subset/decoder.js";
import { autoregressive } from "./autoregressive/decoder.js";
import { blockDiffusion } from "./block-diffusion/decoder.js";
import type { Decoder } from "./decoder.js";
import { maskedDiffusion } from "./masked-diffusion/decoder.js";
import { speculative } from "./speculative/decoder.js";
import { windowDiffusion } from "./window-diffusion/decoder.js";

const MASK = 12;
const KINDS = [
  [autoregressive, "causal"],
  [speculative, "causal"],
  [blockDiffusion, "blocks"],
  [maskedDiffusion, "full"],
  [windowDiffusion, "masks-last"],
  [anySubset, "subsets"],
] as const;
type Kind = (typeof KINDS)[number][1];

const write = (decoder: Decoder, kind: Kind, options: Record<string, unknown>, more = {}, promptIds = [0, 3, 4, 1]) =>
  rehearse({ decoder, models: hashedModels(kind, more), promptIds, options: { max_new_tokens: 6, ...options } });

describe.each(KINDS)("$name", (decoder, kind) => {
  it.each<[Record<string, unknown>, RegExp]>([
    [{ top_k: 40 }, /^top_k changes nothing beside temperature 0, .*above 0\.$/],
    [{ topP: "0.9", temperature: "0" }, /^top_p changes nothing beside temperature 0/],
    [{ min_p: 0.1 }, /^min_p changes nothing beside temperature 0/],
    [{ temperature: 0.7, top_k: 1, top_p: 0.5 }, /^top_p changes nothing beside top_k 1/],
    [{ temperature: 0.7, min_p: 1, top_k: 3 }, /^top_k changes nothing beside min_p 1/],
    [{ temperature: 0.7, top_p: 1e-6, min_p: 0.5 }, /^min_p changes nothing beside top_p 0\.000001/],
    [{ logit_bias: { 3: 0, 4: 0 } }, /^logit_bias changes nothing with biases of 0 alone/],
  ])("refuses %j", async (options, message) => {
    const run = write(decoder, kind, options);
    await expect(run).rejects.toThrow(message);
    await expect(run).rejects.toBeInstanceOf(InvalidOptionError);
  });

  it("takes what is its default, one filter that leaves a token, a limit that isn't reached, and any seed", async () => {
    const own = { top_k: 0, top_p: 1, min_p: 0, seed: 5, logit_bias: {} };
    for (const options of [
      own,
      { temperature: 1, top_k: 1 },
      { temperature: 1, top_k: 99 },
      { logit_bias: { 3: 0, 4: 1 } },
    ]) {
      expect((await write(decoder, kind, options)).done.ids).toHaveLength(6);
    }
  });

  it("never refuses what the model's own defaults set", async () => {
    const generation = { temperature: 0.7, top_k: 1, top_p: 0.8, min_p: 0.1, ignored: [] };
    expect((await write(decoder, kind, {}, { generation })).done.ids).toHaveLength(6);
    expect((await write(decoder, kind, { temperature: 0 }, { generation })).done.ids).toHaveLength(6);
    // But what a caller sets is, beside them too.
    await expect(write(decoder, kind, { top_p: 0.5 }, { generation })).rejects.toThrow(/^top_p .* beside top_k 1/);
  });

  it("refuses a bias of what is never written", async () => {
    const padding = write(decoder, kind, { logit_bias: { 1: 1, 11: 2 } }, { numTokens: 11, maskToken: 10 });
    await expect(padding).rejects.toThrow(
      /^logit_bias: id 11 stands for no token of the tokenizer, and is never written/,
    );
    if (kind === "causal") return;
    await expect(write(decoder, kind, { logit_bias: { [MASK]: 2 } })).rejects.toThrow(/^logit_bias: id 12 is the mask/);
    const holes = { infill: true, logit_bias: { 5: 2 } };
    const ended = write(decoder, kind, holes, { eosTokens: [5] }, [0, 3, MASK, MASK, 1]);
    await expect(ended).rejects.toThrow(/^logit_bias: id 5 ends a text/);
    expect((await write(decoder, kind, { logit_bias: { 5: 2 } }, { eosTokens: [5] })).done).toBeDefined();
  });
});

it("a classifier's weight of the mask is refused", async () => {
  const options = { classifier_weights: { [MASK]: 2 } };
  for (const [decoder, kind] of KINDS.slice(2, 5)) {
    await expect(write(decoder, kind, options)).rejects.toThrow(/^classifier_weights: id 12 is the mask/);
  }
});

it("several fillings are refused where any filter leaves one", async () => {
  for (const only of [{ temperature: 0 }, { temperature: 1, top_k: 1 }, { temperature: 1, min_p: 1 }]) {
    const run = write(blockDiffusion, "blocks", { ...only, energy_candidates: 3 });
    await expect(run).rejects.toThrow(/^energy_candidates draws several fillings, which at .* are all the same one/);
  }
});

it("whose confidence counts is refused where the drawn token is the likeliest, and taken where it may not be", async () => {
  const top = { commit_rule: "quota", confidence_of: "top" };
  for (const [decoder, kind] of KINDS.slice(2, 4)) {
    await expect(write(decoder, kind, top)).rejects.toThrow(/^confidence_of top changes nothing beside temperature 0/);
    for (const more of [{ temperature: 1 }, { repetition_penalty: 2 }, { logit_bias: { 3: 2 } }]) {
      expect((await write(decoder, kind, { ...top, ...more })).done.ids).toHaveLength(6);
    }
  }
});
