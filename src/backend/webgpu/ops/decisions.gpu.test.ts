// Over 300 lines: every decision kernel against its float64 answer, on the same rows of logits.
import { describe, expect, it } from "vitest";
import type { UnmaskPolicy } from "../../../seam/questions/unmask.js";
import { chooseCommits } from "../../../sampling/unmask.js";
import { decodeVerdict, verdictWords } from "../session/verdict.js";
import { makeOp, type Op } from "./op.js";
import { type SelectStep, selectStep } from "./select-step.js";
import { bits } from "../../../testing/test-bed.js";
import { fileBed } from "../../../testing/file-device.js";

const NONE = 0xffffffff;

const bed = await fileBed();

/** Puts select records (token, log-probability) into the results ring; returns where they start. */
function putRecords(records: { token: number; logprob: number }[], extraWords: number): number {
  const { results, device, queue } = bed.gpu;
  const { offset } = results.reserve(records.length * 4 + extraWords);
  queue.flush();
  const words = records.flatMap(({ token, logprob }) => [token, bits(logprob)]);
  device.queue.writeBuffer(results.buffer, offset * 4, Uint32Array.from(words));
  return offset;
}

const records = (rows: { token?: number; position?: number }[]) =>
  rows.flatMap(({ token = 0, position = 0 }) => [token, position, 0, 0, 0, 0, NONE, 0]);

describe("verify", () => {
  /** Row 0 is the pending token; `drawn[i]` is what the target draws at row i. */
  async function verify(tokens: number[], parents: number[], drawn: number[]) {
    const n = tokens.length;
    const logprobs = drawn.map((_, i) => -i - 0.5);
    const result = putRecords(
      drawn.map((token, i) => ({ token, logprob: logprobs[i] })),
      verdictWords(n),
    );
    const rows = bed.words("rows", records(tokens.map((token) => ({ token }))));
    const list = bed.inputs(tokens.map((_, i) => i));
    const op = makeOp(bed.gpu, "verify", { WORKGROUP_SIZE: 1 }, [
      rows,
      bed.gpu.queue.inputs.buffer,
      bed.gpu.results.buffer,
    ]);
    op.record(selectStep(bed.gpu.queue, { numRows: n, rowsList: list, result, parents: bed.inputs(parents) }), 1);
    const words = await bed.readWords(bed.gpu.results.buffer, verdictWords(n), result + n * 4);
    const [accepted, previous] = words;
    const { drafts, emitted, path } = decodeVerdict(words.subarray(2 + n), n);
    expect(Array.from(words.subarray(2, 2 + accepted + 1))).toEqual(path);
    return {
      accepted,
      last: words[2 + n],
      previous,
      drafts,
      emitted: emitted.map(({ token }) => token),
      logprobs: emitted.map(({ logprob }) => logprob),
      path,
    };
  }

  it("accepts a chain up to the first draft that the target didn't draw", async () => {
    expect(await verify([9, 5, 6, 7], [NONE, 0, 1, 2], [5, 6, 8, 1])).toEqual({
      accepted: 2,
      last: 8,
      previous: 6,
      drafts: [5, 6, 7],
      emitted: [5, 6, 8],
      logprobs: [-0.5, -1.5, -2.5],
      path: [0, 1, 2],
    });
  });

  it("accepts nothing when the first draft is wrong, even if later ones agree", async () => {
    const verdict = await verify([9, 5, 6], [NONE, 0, 1], [4, 6, 6]);
    expect(verdict).toMatchObject({ accepted: 0, last: 4, previous: 9, emitted: [4], path: [0] });
  });

  it("gives a bonus token after a chain that is accepted whole", async () => {
    const verdict = await verify([9, 5, 6], [NONE, 0, 1], [5, 6, 3]);
    expect(verdict).toMatchObject({ accepted: 2, last: 3, previous: 6, emitted: [5, 6, 3], path: [0, 1, 2] });
  });

  it("draws one token when there are no drafts", async () => {
    expect(await verify([9], [NONE], [2])).toMatchObject({
      accepted: 0,
      last: 2,
      previous: 9,
      emitted: [2],
      drafts: [],
    });
  });

  it("walks a tree by the drawn tokens, and takes the first of equal siblings", async () => {
    //            0:9 -> 1:5, 2:6; 1 -> 3:7; 2 -> 4:7, 5:7; 5 -> 6:8
    const verdict = await verify([9, 5, 6, 7, 7, 7, 8], [NONE, 0, 0, 1, 2, 2, 5], [6, 0, 7, 0, 8, 8, 0]);
    expect(verdict).toMatchObject({ accepted: 2, last: 8, previous: 7, emitted: [6, 7, 8], path: [0, 2, 4] });
  });

  it("tells a path of 64 drafts, and one that ends at the last of them", async () => {
    const chain = Array.from({ length: 65 }, (_, i) => i + 100);
    const parents = chain.map((_, i) => (i === 0 ? NONE : i - 1));
    const next = chain.map((token) => token + 1);
    expect(await verify(chain, parents, next)).toMatchObject({ accepted: 64, last: 165, emitted: next });
    // All behind row 0.
    const fan = chain.map((_, i) => (i === 0 ? NONE : 0));
    expect(await verify(chain, fan, [164, ...next.slice(1)])).toMatchObject({ accepted: 1, path: [0, 64] });
    expect(await verify(chain, fan, [132, ...next.slice(1)])).toMatchObject({ accepted: 1, path: [0, 32] });
    expect(await verify(chain, fan, [133, ...next.slice(1)])).toMatchObject({ accepted: 1, path: [0, 33] });
  });
});

describe("unmask agrees with the CPU's choice", () => {
  const NAMES = { confidence: 0, random: 1, left_to_right: 2 };
  let op: Op | null = null;

  async function unmask(logprobs: number[], positions: number[], policy: UnmaskPolicy, seed: number) {
    const n = logprobs.length;
    const result = putRecords(
      logprobs.map((logprob, i) => ({ token: 40 + i, logprob })),
      n * 3,
    );
    const rows = bed.words("rows", records(positions.map((position) => ({ position }))));
    op = makeOp(bed.gpu, "unmask", { WORKGROUP_SIZE: 1 }, [rows, bed.gpu.queue.inputs.buffer, bed.gpu.results.buffer]);
    const { threshold, quota = 1, order, draw } = policy;
    const step = selectStep(bed.gpu.queue, {
      numRows: n,
      rowsList: bed.inputs(positions.map((_, i) => i)),
      result,
      seed,
      draw,
      order: NAMES[order],
      quota: threshold === undefined ? quota : 0,
      logThreshold: bits(threshold ? Math.log(threshold) : -1e30),
      maskToken: 0xffffffff,
    });
    op.record(step, 1);
    const words = await bed.readWords(bed.gpu.results.buffer, n * 3, result + n * 4);
    const chosen = Array.from({ length: n }, (_, i) => words[i * 3 + 2] === 1);
    expect(Array.from({ length: n }, (_, i) => words[i * 3])).toEqual(logprobs.map((_, i) => 40 + i));
    const candidates = positions.map((position, i) => ({ position, logprob: logprobs[i] }));
    expect(chosen).toEqual(chooseCommits(candidates, policy, seed));
    return chosen.flatMap((isChosen, i) => (isChosen ? [i] : []));
  }

  it("of rows of the mask's token alone, and says which token each row has then", async () => {
    const tokens = [5, 9, 5, 7, 5];
    const logprobs = [-2, -0.1, -1, -0.2, -3];
    const result = putRecords(
      logprobs.map((logprob, i) => ({ token: 40 + i, logprob })),
      tokens.length * 4,
    );
    const rows = bed.words("rows", records(tokens.map((token, position) => ({ token, position }))));
    op = makeOp(bed.gpu, "unmask", { WORKGROUP_SIZE: 1 }, [rows, bed.gpu.queue.inputs.buffer, bed.gpu.results.buffer]);
    const unmasked = async (own: SelectStep) => {
      const step = selectStep(bed.gpu.queue, {
        numRows: tokens.length,
        rowsList: bed.inputs(tokens.map((_, i) => i)),
        result,
        maskToken: 5,
        ...own,
      });
      op?.record(step, 1);
      const words = await bed.readWords(bed.gpu.results.buffer, tokens.length * 4, result + tokens.length * 4);
      return { commits: tokens.map((_, i) => words[i * 3 + 2]), after: [...words.slice(tokens.length * 3)] };
    };
    expect(await unmasked({ quota: 2 })).toEqual({ commits: [1, 0, 1, 0, 0], after: [40, 9, 42, 7, 5] });
    expect(await unmasked({ quota: 9 })).toEqual({ commits: [1, 0, 1, 0, 1], after: [40, 9, 42, 7, 44] });
    expect(await unmasked({ logThreshold: bits(-1.5) })).toEqual({ commits: [0, 0, 1, 0, 0], after: [5, 9, 42, 7, 5] });
    expect(await unmasked({ logThreshold: bits(-0.5) })).toEqual({ commits: [0, 0, 1, 0, 0], after: [5, 9, 42, 7, 5] });
    expect(await unmasked({ quota: 1, maskToken: 6 })).toEqual({ commits: [0, 0, 0, 0, 0], after: tokens });
    expect(await unmasked({ quota: 1, maskToken: 0xffffffff })).toMatchObject({ commits: [0, 1, 0, 0, 0] });
  });

  const LOGPROBS = [-2, -0.1, -0.5, -0.1, -3, -0.5, -0.1];
  const POSITIONS = [8, 9, 11, 12, 13, 14, 15];

  it("for quotas by confidence, lowest position first on ties", async () => {
    expect(await unmask(LOGPROBS, POSITIONS, { order: "confidence", quota: 1, draw: 0 }, 1)).toEqual([1]);
    expect(await unmask(LOGPROBS, POSITIONS, { order: "confidence", quota: 4, draw: 0 }, 1)).toEqual([1, 2, 3, 6]);
    expect(await unmask(LOGPROBS, POSITIONS, { order: "confidence", quota: 99, draw: 0 }, 1)).toHaveLength(7);
    expect(await unmask([-1, -1, -1], [1, 2, 3], { order: "confidence", quota: 2, draw: 0 }, 1)).toEqual([0, 1]);
  });

  it("for quotas from left to right", async () => {
    expect(await unmask(LOGPROBS, POSITIONS, { order: "left_to_right", quota: 2, draw: 0 }, 1)).toEqual([0, 1]);
  });

  it("for quotas in random order, another one for every seed and draw", async () => {
    const first = new Set<number>();
    for (let seed = 0; seed < 12; seed++) {
      const [chosen] = await unmask(LOGPROBS, POSITIONS, { order: "random", quota: 1, draw: seed % 3 }, seed);
      first.add(chosen);
      await unmask(LOGPROBS, POSITIONS, { order: "random", quota: 3, draw: seed }, 5);
    }
    expect(first.size).toBeGreaterThan(3);
  });

  it("for thresholds: all that reach it, else the first by order alone", async () => {
    expect(await unmask(LOGPROBS, POSITIONS, { order: "confidence", threshold: 0.6, draw: 0 }, 1)).toEqual([
      1, 2, 3, 5, 6,
    ]);
    expect(await unmask(LOGPROBS, POSITIONS, { order: "confidence", threshold: 0.95, draw: 0 }, 1)).toEqual([1]);
    expect(await unmask(LOGPROBS, POSITIONS, { order: "left_to_right", threshold: 0.6, draw: 0 }, 1)).toEqual([
      1, 2, 3, 5, 6,
    ]);
    expect(await unmask(LOGPROBS, POSITIONS, { order: "left_to_right", threshold: 0.95, draw: 0 }, 1)).toEqual([0]);
    expect(await unmask(LOGPROBS, POSITIONS, { order: "random", threshold: 0.95, draw: 3 }, 7)).toHaveLength(1);
    expect(await unmask(LOGPROBS, POSITIONS, { order: "confidence", threshold: 0, draw: 0 }, 1)).toHaveLength(7);
  });

  it("for a threshold that tokens just reach", async () => {
    for (const order of ["confidence", "left_to_right", "random"] as const) {
      expect(await unmask([0, -1, 0], [1, 2, 3], { order, threshold: 1, draw: 0 }, 1)).toEqual([0, 2]);
      // The float32 next to this logarithm lies above it.
      const at = Math.fround(Math.log(0.7));
      expect(await unmask([-0.5, at, -0.4, at], [1, 2, 3, 4], { order, threshold: 0.7, draw: 0 }, 1)).toEqual([1, 3]);
    }
  });

  it("for one row, whatever its confidence", async () => {
    expect(await unmask([-30], [4], { order: "confidence", threshold: 0.9, draw: 0 }, 1)).toEqual([0]);
  });
});

describe("keep_path", () => {
  it.each([
    { title: "compacts a scattered path", path: [0, 2, 5, 6], PATH: "result" },
    { title: "leaves a chain in place", path: [0, 1, 2, 3], PATH: "result" },
    { title: "keeps nothing of a path without drafts", path: [0], PATH: "result" },
    { title: "compacts a path that is listed", path: [0, 2, 5, 6], PATH: "list" },
    { title: "moves the one row that is listed", path: [0, 6], PATH: "list" },
    { title: "leaves a chain that is listed in place", path: [0, 1, 2, 3], PATH: "list" },
  ])("$title, byte for byte, and lengthens the session", async ({ path, PATH }) => {
    const [layers, width4, context, session] = [2, 3, 20, 3];
    // Forward: two kept rows, then six drafts; logit rows are forward rows 1 to 7.
    const [base, firstRow, n] = [6, 1, 7];
    const layer4 = context * width4 + 4;
    const before = Float32Array.from({ length: layers * layer4 * 4 }, (_, i) => i + 0.25);
    const slotsBefore = Uint32Array.from({ length: context * 4 }, (_, i) => i + 1000);
    const cache = bed.floats("cache", before);
    const slots = bed.words("slots", slotsBefore);
    const length = base + firstRow + 1;
    const lengths = bed.words("lengths", [0, 0, 0, length]);
    const accepted = path.length - 1;
    const verdict = [accepted, 0, ...path];
    const { offset } = bed.gpu.results.reserve(n * 4 + verdictWords(n));
    bed.gpu.queue.flush();
    bed.gpu.device.queue.writeBuffer(bed.gpu.results.buffer, (offset + n * 4) * 4, Uint32Array.from(verdict));
    const isListed = PATH === "list";
    const rowsList = bed.inputs(
      isListed ? path.slice(1).map((row) => row - 1) : Array.from({ length: n }, (_, i) => firstRow + i),
    );
    const numRows = isListed ? accepted : n;
    const told = isListed ? {} : { result: offset + n * 4, quota: firstRow + 1 };
    const step = selectStep(bed.gpu.queue, { numRows, rowsList, ...told, session });
    const shared = [
      bed.uniform([width4, layer4, layers]),
      bed.gpu.results.buffer,
      bed.gpu.queue.inputs.buffer,
      lengths,
    ];
    makeOp(bed.gpu, "keep_path", { PART: "cache", PATH, CACHE: "f32" }, [...shared, cache]).record(
      step,
      width4 * layers,
    );
    makeOp(bed.gpu, "keep_path", { PART: "slots", PATH }, [...shared, slots]).record(step, 1);

    const expected = before.slice();
    const expectedSlots = slotsBefore.slice();
    for (let i = 1; i <= accepted; i++) {
      const [from, to] = [base + firstRow + path[i], length + i - 1];
      for (let layer = 0; layer < layers; layer++) {
        const row = (slot: number) => (layer * layer4 + slot * width4) * 4;
        expected.set(before.subarray(row(from), row(from) + width4 * 4), row(to));
      }
      expectedSlots.set(slotsBefore.subarray(from * 4, from * 4 + 4), to * 4);
      expectedSlots[to * 4 + 1] = to;
    }
    expect(await bed.readFloats(cache, before.length)).toEqual(expected);
    expect(await bed.readWords(slots, slotsBefore.length)).toEqual(expectedSlots);
    expect(Array.from(await bed.readWords(lengths, 4))).toEqual([0, 0, 0, length + accepted]);
  });
});

describe("set_length", () => {
  it.each<{ title: string; fields: Record<string, number>; expected: number }>([
    { title: "cuts to a number", fields: { quota: 4, parents: NONE, k: 0x80000000 }, expected: 4 },
    { title: "never grows", fields: { quota: 90, parents: NONE, k: 0x80000000 }, expected: 10 },
    { title: "cuts to another session's length", fields: { parents: 0, k: 0x80000000 }, expected: 7 },
    { title: "cuts to another session's length less one", fields: { parents: 0, k: 0x7fffffff }, expected: 6 },
    { title: "stops at 0", fields: { parents: 0, k: 0x80000000 - 9 }, expected: 0 },
    {
      title: "grows to rows that were copied",
      fields: { numRows: 13, quota: 13, parents: NONE, k: 0x80000000 },
      expected: 13,
    },
    { title: "doesn't grow to a longer session", fields: { parents: 2, k: 0x80000000 }, expected: 10 },
  ])("$title", async ({ fields, expected }) => {
    const lengths = bed.words("lengths", [7, 10, 12, 5]);
    makeOp(bed.gpu, "set_length", { WORKGROUP_SIZE: 1 }, [lengths]).record(
      selectStep(bed.gpu.queue, { ...fields, session: 1 }),
      1,
    );
    expect(Array.from(await bed.readWords(lengths, 4))).toEqual([7, expected, 12, 5]);
  });
});
