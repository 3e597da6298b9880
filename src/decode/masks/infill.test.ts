import { describe, expect, it } from "vitest";
import type { TokenId } from "../../vocabulary/events.js";
import { conditional } from "../../testing/laws.js";
import { autoregressive } from "../autoregressive/decoder.js";
import { blockDiffusion } from "../block-diffusion/decoder.js";
import { Paths } from "../../testing/paths.js";
import { hashedModels, LETTERS, rehearse, stepsOf } from "../../testing/rehearsal.js";
import { distance, JOINT, tabular } from "../../testing/tabular.js";

const MASK = 12;
const PROMPT = [0, 3, 4, MASK, MASK, 5, MASK, 6];
const models = hashedModels("blocks");
const run = { decoder: blockDiffusion, models, promptIds: PROMPT };
const options = { infill: true, block_length: 8, temperature: 0.9, seed: 3, commit_rule: "first_hitting" };

/** The law of the holes' tokens, over every path. */
async function lawOfHoles(promptIds: readonly TokenId[], more: Record<string, unknown>): Promise<Float64Array> {
  const paths = new Paths();
  const target = tabular(4).drawing(paths);
  const holes = promptIds.flatMap((id, i) => (id === 3 ? [i] : []));
  const law = new Float64Array(3 ** holes.length);
  do {
    const { canvas } = await rehearse({
      decoder: blockDiffusion,
      models: { target },
      promptIds,
      options: { infill: true, temperature: 1, ...more },
    });
    const ids = canvas.ids();
    law[holes.reduce((index, i) => index * 3 + ids[i], 0)] += paths.probability;
  } while (paths.next());
  return law;
}

describe("infill", () => {
  it("fills the holes and nothing else, and its text is all behind the prompt's beginning", async () => {
    const { done, canvas, events } = await rehearse({ ...run, options });
    const ids = canvas.ids();
    expect(ids).toHaveLength(PROMPT.length);
    PROMPT.forEach((id, i) => {
      if (id !== MASK) expect(ids[i]).toBe(id);
      expect(canvas.slots()[i].state).toBe(id === MASK ? "committed" : "prompt");
    });
    expect(done).toMatchObject({ reason: "complete", ids: ids.slice(3) });
    expect(done.text).toBe(
      ids
        .slice(3)
        .map((id) => String.fromCharCode(97 + id))
        .join(""),
    );
    expect(done.metrics).toMatchObject({ promptTokens: 5, tokens: 3, forwards: 3, tokensPerForward: 1 });
    expect(stepsOf(events)).toHaveLength(3);
  });

  it("reads blocks that hold the holes and what follows, the model's own length where that does", async () => {
    const lengthOf = async (promptIds: readonly TokenId[]) => {
      const { events } = await rehearse({ ...run, promptIds, options: { infill: true } });
      return events[0].type === "start" && events[0].options.block_length;
    };
    // Trained with 4, its own, 2 and 8.
    expect(await lengthOf([MASK, 1])).toBe(4);
    expect(await lengthOf([1, 1, 1, 1, MASK, 1])).toBe(4);
    expect(await lengthOf([1, 1, MASK, 1, 1])).toBe(8);
  });

  it("goes on from a canvas that was left half filled as if it never was", async () => {
    const whole = await rehearse({ ...run, options });
    for (const stopAfter of [0, 1, 2]) {
      const abort = new AbortController();
      if (stopAfter === 0) abort.abort();
      let seen = 0;
      const onEvent = ({ type }: { type: string }) => {
        if (type === "step" && ++seen === stopAfter) abort.abort();
      };
      const cut = await rehearse({ ...run, options, onEvent, signal: abort.signal });
      expect(cut.done.reason).toBe("cancelled");
      const rest = await rehearse({ ...run, options, canvas: cut.canvas });
      expect(rest.canvas.ids()).toEqual(whole.canvas.ids());
    }
  });

  it("draws one hole from its law given what stands before and behind it", async () => {
    expect(distance(await lawOfHoles([1, 3, 2, 0], {}), conditional(JOINT, [1, undefined, 2, 0], 1))).toBeLessThan(
      1e-6,
    );
  });

  it("draws several holes one by one from their joint law", async () => {
    const expected = new Float64Array(9);
    const first = conditional(JOINT, [1, undefined, 2], 1);
    first.forEach((p, a) => {
      conditional(JOINT, [1, a, 2], 3).forEach((q, b) => {
        expected[a * 3 + b] = p * q;
      });
    });
    expect(distance(await lawOfHoles([1, 3, 2, 3], { commit_rule: "first_hitting" }), expected)).toBeLessThan(1e-6);
    expect(distance(await lawOfHoles([1, 3, 2, 3], { threshold: 0 }), expected)).toBeGreaterThan(0.005);
  });

  it("never draws an end token, behind which the text could not go on", async () => {
    const { canvas } = await rehearse({ ...run, options });
    const eosTokens = [3, 4, 6].map((i) => canvas.ids()[i]);
    const other = await rehearse({ ...run, models: hashedModels("blocks", { eosTokens }), options });
    expect(other.done.reason).toBe("complete");
    for (const i of [3, 4, 6]) expect(eosTokens).not.toContain(other.canvas.ids()[i]);
  });

  it("shows a character that begins in a hole and ends behind it", async () => {
    // é is C3 A9: whatever is drawn is its first byte, what stands behind it its second.
    const tokenizer = { ...LETTERS, bytes: (id: TokenId) => Uint8Array.of(id === 6 ? 0xa9 : 0xc3) };
    const { done, events, canvas } = await rehearse({ ...run, promptIds: [0, MASK, 6], options, tokenizer });
    expect(done.text).toBe("é");
    const texts = new Map<number, string>();
    for (const event of events) {
      if (event.type === "start" || event.type === "step")
        for (const { slot, text } of event.pieces) texts.set(slot, text);
    }
    expect(
      canvas
        .slots()
        .slice(1)
        .map(({ id }) => texts.get(id) ?? "")
        .join(""),
    ).toBe("é");
  });

  it("is refused by name where it can't be honoured", async () => {
    const refusal = (more: Partial<Parameters<typeof rehearse>[0]>) => rehearse({ ...run, options, ...more });
    await expect(refusal({ promptIds: [0, 1, 2] })).rejects.toMatchObject({ code: "no_hole" });
    await expect(refusal({ options: { block_length: 8 } })).rejects.toMatchObject({ code: "mask_in_prompt" });
    await expect(refusal({ options: { ...options, max_new_tokens: 2 } })).rejects.toThrow(/3 tokens.*max_new_tokens 2/);
    await expect(refusal({ options: { ...options, stop: "a" } })).rejects.toThrow(/stop .*infill/);
    await expect(refusal({ options: { ...options, block_length: 4 } })).rejects.toThrow(/block_length 8 would do/);
    const far = [0, MASK, ...new Array<number>(9).fill(3)];
    await expect(refusal({ promptIds: far })).rejects.toThrow(/position 1 .*ends at 10.*blocks of 8.*shorten/);
    const without = { ...options, block_length: null };
    await expect(refusal({ promptIds: far, options: without })).rejects.toThrow(/shorten/);
    const causal = { decoder: autoregressive, models: hashedModels("causal") };
    await expect(refusal({ ...causal, options: { infill: true } })).rejects.toMatchObject({ code: "no_infill" });
  });
});
