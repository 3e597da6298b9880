import { ARGMAX } from "../../../seam/questions/sample.js";
import { verify } from "../../../seam/questions/verify.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadCheckpoint } from "../../../format/checkpoint.js";
import { memoryCheckpoint } from "../../../format/memory-checkpoint.js";
import type { Tensor } from "../../../format/tensor.js";
import { withConfig } from "../../../testing/with-config.js";
import { fileSource } from "../../../format/file-source.js";
import type { CacheFormat } from "../../../seam/cache-format.js";
import type { Rounding } from "../../../seam/rounding.js";
import { MATMUL_FAMILIES, type MatmulFamily, type MatmulFamilyName, variantsFor } from "../ops/variants.js";
import { webgpuCapabilities } from "../load/capabilities.js";
import { loadWeights } from "../../../architecture/tensors.js";
import { loadArchitecture } from "../load/load.js";
import type { ForwardRequest } from "../../../seam/forward.js";
import { GREEDY } from "../../../seam/sampler.js";
import type { Session } from "../../../seam/session.js";
import { Transformer } from "../plan/transformer.js";
import { WebGpuModel } from "./webgpu-model.js";
import { fileDevice } from "../../../testing/file-device.js";
import { IS_WHOLE } from "../../../testing/test-depth.js";

const EVERY_SIZE = [...Array.from({ length: 65 }, (_, i) => i + 1), 128, 257];
/** Both sides of every tile and limit: the larger model pays for each row. */
const EDGES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 16, 17, 20, 21, 33, 64, 65, 128, 257];

const gpu = await fileDevice();

/** Number of the first row whose bits differ, or -1. */
function firstDifference(actual: Uint32Array[], expected: Uint32Array[]): number {
  const bytes = ({ buffer, byteOffset, byteLength }: Uint32Array) => Buffer.from(buffer, byteOffset, byteLength);
  return actual.findIndex((row, i) => Buffer.compare(bytes(row), bytes(expected[i])) !== 0);
}

interface Case {
  folder: string;
  sizes: readonly number[];
  /** Default: the adapter's. */
  family?: MatmulFamilyName;
  rounding?: Rounding;
  /** Default: f32. */
  kvCache?: CacheFormat;
}

/** The family by its name, with as many lanes a sum as a software adapter's subgroup has. */
function familyOf(name: MatmulFamilyName): MatmulFamily {
  const family = MATMUL_FAMILIES[name];
  return { ...family, termLanes: Math.min(4, family.termLanes) };
}

/** In 16 bits, where the adapter has shader-f16. */
const HALF: Case[] = [
  { folder: "public/models/story-ar", sizes: [1, 2, 4, 5, 9, 33], rounding: "f16" },
  { folder: "public/models/story-ar", sizes: [1, 2, 4, 5, 9, 33], rounding: "f16", family: "gpu-like" },
];

describe.each<Case>([
  { folder: "tests/fixtures/models/qwen3", sizes: EVERY_SIZE },
  { folder: "tests/fixtures/models/qwen3", sizes: EDGES, family: "gpu-like" },
  { folder: "tests/fixtures/models/qwen3", sizes: EDGES, family: "gpu-split-32" },
  { folder: "tests/fixtures/models/gpt_neox", sizes: EDGES },
  { folder: "tests/fixtures/models/gemma2", sizes: [1, 2, 4, 5, 9, 33], family: "gpu-split-32" },
  { folder: "public/models/story-ar", sizes: EDGES },
  { folder: "public/models/story-ar", sizes: [1, 2, 4, 5, 9, 33], rounding: "q8-int8" },
  { folder: "tests/fixtures/models/gemma3_text", sizes: [1, 2, 5, 33, 65], kvCache: "q8" },
  ...(IS_WHOLE ? [{ folder: "tests/fixtures/models/qwen3", sizes: EDGES, kvCache: "f16" as const }] : []),
  ...(gpu.facts.hasF16 ? HALF : []),
])(
  "$folder, kernels $family, weights $rounding, kvCache $kvCache: a row has the same bits",
  ({ folder, sizes, family, rounding, kvCache }) => {
    let model: WebGpuModel;
    let session: Session;
    /** Logit bits of every row, computed alone behind the cached ones before it. */
    const alone: Uint32Array[] = [];
    let ids: number[];

    const logits = async (request: ForwardRequest): Promise<Uint32Array[]> => {
      const rows = session.forward(request);
      const words = new Uint32Array((await rows.logits()).buffer);
      const { vocabSize } = model.capabilities;
      return Array.from({ length: rows.count }, (_, i) => words.subarray(i * vocabSize, (i + 1) * vocabSize));
    };
    const expectAlone = (rows: Uint32Array[], first: number) => {
      expect(firstDifference(rows, alone.slice(first, first + rows.length))).toBe(-1);
    };

    beforeAll(async () => {
      const source = withConfig(fileSource(folder), { num_hidden_layers: 2 });
      const architecture = { ...(await loadArchitecture(source)), maxLength: 512 };
      const weights = loadWeights(architecture, await loadCheckpoint(source, {}));
      const tensor = (name: string) => weights.get(name) as Tensor;
      const variants = { ...variantsFor(gpu.facts), ...(family && { matmul: familyOf(family) }) };
      const has = (name: string) => weights.has(name);
      const capabilities = { ...webgpuCapabilities(architecture), maxLength: 512, ...(kvCache && { kvCache }) };
      model = new WebGpuModel(
        new Transformer(gpu, folder, architecture, capabilities, tensor, has, rounding, variants),
      );
      await model.transformer.fillWeights(memoryCheckpoint(weights));
      session = model.session();
      ids = Array.from({ length: 260 }, (_, i) => (i * i * 31 + i * 7 + 3) % model.capabilities.vocabSize);
      for (const id of ids) alone.push(...(await logits({ tokens: [id], attend: "causal", keep: 1 })));
    });
    afterAll(() => {
      session.dispose();
      model.dispose();
    });

    it("for any number of rows in the forward, and its keys serve the rows behind it", async () => {
      for (const count of sizes) {
        session.truncate(0);
        expectAlone(await logits({ tokens: ids.slice(0, count), attend: "causal", keep: count }), 0);
        expectAlone(await logits({ tokens: [ids[count]], attend: "causal", keep: 0 }), count);
      }
    });

    it("wherever the forward begins", async () => {
      session.truncate(0);
      session.forward({ tokens: ids, attend: "causal", rows: [], keep: ids.length });
      for (const [first, count] of [
        [201, 2],
        [127, 9],
        [64, 33],
        [63, 5],
        [31, 70],
        [15, 2],
        [1, 4],
      ]) {
        session.truncate(first);
        expectAlone(await logits({ tokens: ids.slice(first, first + count), attend: "causal", keep: 0 }), first);
      }
    });

    it("when few of its rows need logits, in any order", async () => {
      session.truncate(0);
      const rows = await logits({ tokens: ids.slice(0, 40), attend: "causal", rows: [39, 0, 17], keep: 0 });
      expect(firstDifference(rows, [alone[39], alone[0], alone[17]])).toBe(-1);
    });

    it("in a chain that is given as a tree", async () => {
      for (const [first, count] of [
        [0, 5],
        [13, 20],
        [30, 64],
      ]) {
        session.truncate(0);
        if (first > 0) session.forward({ tokens: ids.slice(0, first), attend: "causal", rows: [], keep: first });
        const parents = Array.from({ length: count }, (_, i) => i - 1);
        expectAlone(await logits({ tokens: ids.slice(first, first + count), attend: { parents }, keep: 0 }), first);
      }
    });

    it("on every path of a tree, over a tile's edge", async () => {
      const first = 13;
      session.truncate(0);
      session.forward({ tokens: ids.slice(0, first), attend: "causal", rows: [], keep: first });
      // Two copies of the chain woven together, and a stranger: row 2 i + copy continues row 2 (i - 1) + copy.
      const chain = ids.slice(first, first + 9);
      const tokens = [...chain.flatMap((id) => [id, id]), ids[0]];
      const parents = [...chain.flatMap((_, i) => [2 * i - 2, 2 * i - 1].map((parent) => Math.max(-1, parent))), 4];
      parents[1] = -1;
      const rows = await logits({ tokens, attend: { parents }, keep: 0 });
      for (const copy of [0, 1])
        expectAlone(
          chain.map((_, i) => rows[2 * i + copy]),
          first,
        );
    });

    it("behind an accepted path that was compacted, as behind the chain", async () => {
      const prefix = ids.slice(0, 14);
      const reference = model.session();
      reference.forward({ tokens: prefix, attend: "causal", rows: [], keep: prefix.length });
      const pending = ids[14];
      const drawn: number[] = [];
      for (let next = pending; drawn.length < 5; next = drawn[drawn.length - 1]) {
        const [selected] = await reference
          .forward({ tokens: [next], attend: "causal", rows: "last", keep: 1 })
          .ask(ARGMAX)
          .read();
        drawn.push(selected.token);
      }
      const wrong = (id: number) => (id + 1) % model.capabilities.vocabSize;
      session.truncate(0);
      session.forward({ tokens: prefix, attend: "causal", rows: [], keep: prefix.length });
      const [a, b, c] = drawn;
      const tokens = [pending, wrong(a), a, a, wrong(b), b, c];
      const rows = session.forward({ tokens, attend: { parents: [-1, 0, 0, 1, 2, 2, 5] }, keep: 1 });
      const verdict = rows.ask(verify(GREEDY));
      session.keep(verdict);
      // Not read yet: the next row is enqueued behind a length that only the device knows.
      const [next] = await session
        .forward({ tokens: [verdict.ref("last")], attend: "causal", rows: "last", keep: 1 })
        .ask(ARGMAX)
        .read();
      expect(await verdict.read()).toMatchObject({ accepted: 3, path: [0, 2, 5, 6], drafts: tokens.slice(1) });
      expect(next.token).toBe(drawn[4]);
      expect(session.length).toBe(prefix.length + 1 + 3 + 1);
      const more = ids.slice(20, 24);
      const compacted = await logits({ tokens: more, attend: "causal", keep: 0 });
      const straight = reference.forward({ tokens: more, attend: "causal", keep: 0 });
      const expected = new Uint32Array((await straight.logits()).buffer);
      const { vocabSize } = model.capabilities;
      const rowsOf = more.map((_, i) => expected.subarray(i * vocabSize, (i + 1) * vocabSize));
      expect(firstDifference(compacted, rowsOf)).toBe(-1);
      reference.dispose();
    });

    it("for blocks stored one by one as for all of them at once", async () => {
      const block = 8;
      const tokens = ids.slice(0, 4 * block);
      session.truncate(0);
      const whole = await logits({ tokens, attend: { block }, keep: 0 });
      for (let first = 0; first < tokens.length; first += block) {
        const rows = await logits({ tokens: tokens.slice(first, first + block), attend: { block }, keep: block });
        expect(firstDifference(rows, whole.slice(first, first + block))).toBe(-1);
      }
    });

    it("in one block that holds all of a text as where all see each other", async () => {
      const tokens = ids.slice(0, 24);
      session.truncate(0);
      const whole = await logits({ tokens, attend: { block: 24 }, keep: 0 });
      expect(firstDifference(whole, await logits({ tokens, attend: "full", keep: 0 }))).toBe(-1);
      expect(firstDifference(whole, await logits({ tokens, attend: { block: 12 }, keep: 0 }))).toBe(0);
    });

    it("in a block behind stored ones, of any length up to 32, also behind a cut in the middle of one", async () => {
      const lengths = sizes === EVERY_SIZE ? Array.from({ length: 32 }, (_, i) => i + 1) : [3, 32];
      /** Of a text's last block: those before it are stored one by one, behind what is kept already, or all is read at once. */
      const lastBlock = async (text: readonly number[], block: number, isStored: boolean) => {
        const start = (Math.ceil(text.length / block) - 1) * block;
        if (!isStored) {
          session.truncate(0);
          const rows = Array.from({ length: text.length - start }, (_, i) => start + i);
          return logits({ tokens: text, attend: { block }, rows, keep: 0 });
        }
        while (session.length < start) {
          const tokens = text.slice(session.length, session.length + block);
          session.forward({ tokens, attend: { block }, rows: [], keep: block });
        }
        return logits({ tokens: text.slice(start), attend: { block }, keep: 0 });
      };
      for (const block of lengths) {
        const rest = Math.ceil(block / 2);
        const text = ids.slice(0, 3 * block + rest);
        const expected = await lastBlock(text, block, false);
        expect(firstDifference(await lastBlock(text, block, true), expected), `blocks of ${block}`).toBe(-1);
        // The second block, which the cut is in, goes whole; other text follows the first.
        session.truncate(block + Math.floor(block / 2));
        expect(session.length).toBe(block);
        const other = [...text.slice(0, block), ...ids.slice(100, 100 + 2 * block + rest)];
        const kept = await lastBlock(other, block, true);
        const anew = await lastBlock(other, block, false);
        expect(firstDifference(kept, anew), `blocks of ${block}, cut`).toBe(-1);
      }
    });
  },
);
