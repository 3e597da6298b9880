// An embedding that fills the records as `prepare` does, by prepare_rows.wgsl; what it embeds is for norms.gpu.test.ts.
import { expect, it } from "vitest";
import { fileBed } from "../../../testing/file-device.js";
import { numbers } from "../../../testing/test-bed.js";
import { Embed, type EmbedOptions } from "./embed.js";
import { makeOp } from "./op.js";
import { packPanels } from "./panels.js";

const bed = await fileBed();
const NONE = 0xffffffff;
const [VOCAB, WIDTH, MAX_ROWS, CONTEXT] = [12, 8, 32, 64];
const PANEL = { COLUMNS: 2, LANES: 3 };
const SESSION = 2;
const SLOTS_AT = MAX_ROWS * 32;

const table = numbers(4, VOCAB * WIDTH);
const gain = bed.floats("gain", numbers(5, WIDTH));

/** Row records, slots, lengths, rows and what feeds a norm, behind 5 kept rows and a forward of these words, three rows of which join. */
async function forward(words: readonly number[][], mode: number, isJoined: boolean) {
  const records = bed.empty("rows and slots", MAX_ROWS * 8 + CONTEXT * 4);
  const lengths = bed.words("lengths", [9, 9, 5, 9]);
  const x = bed.empty("x", MAX_ROWS * WIDTH);
  const squaresAt = MAX_ROWS * WIDTH * 4;
  const fed = bed.empty("scaled rows and squares", squaresAt / 4 + MAX_ROWS * 4);
  const { buffer: inputs } = bed.gpu.queue.inputs;
  const { buffer: results } = bed.gpu.results;
  const embed = new Embed(bed.gpu, bed.gpu.arena, {
    ...{ records: { buffer: records, slotsAt: SLOTS_AT }, panel: PANEL, x },
    prepares: isJoined ? { inputs, results, lengths } : undefined,
    table: [{ buffer: tableBuffer(), format: "f32", n: VOCAB, k: WIDTH }],
    feeds: {
      gain,
      scaled: { buffer: fed, offset: 0, size: squaresAt },
      squares: { buffer: fed, offset: squaresAt, size: MAX_ROWS * 16 },
    },
  });
  expect(embed.isPreparing).toBe(isJoined);
  const step = bed.step([words.length, bed.inputs(words.flat()), 3, mode, 4, SESSION, 1, 0, 0, 0, 0, 0, 0]);
  const slots = { buffer: records, offset: SLOTS_AT, size: CONTEXT * 16 };
  const rows = { buffer: records, offset: 0, size: SLOTS_AT };
  const bindings = [inputs, results, lengths, rows, slots];
  if (!isJoined) makeOp(bed.gpu, "prepare", { WORKGROUP_SIZE: 1 }, bindings).record(step, 1);
  embed.record(step, words.length);
  const sizes = [records, lengths, x, fed].map((buffer) => ({ buffer, length: buffer.size / 4 }));
  return Promise.all(sizes.map(({ buffer, length }) => bed.readWords(buffer, length)));
}

const tableBuffer = () => bed.gpu.arena.upload("table", packPanels(table, { n: VOCAB, k: WIDTH }, PANEL));

it.each([
  ["causal", 0],
  ["full", 1],
  ["in blocks", 2],
  ["of a tree", 3],
  ["of ranks", 4],
])("fills the records of rows that read %s as prepare does, and embeds drawn tokens", async (_name, mode) => {
  const { offset } = bed.gpu.results.reserve(2);
  bed.gpu.device.queue.writeBuffer(bed.gpu.results.buffer, offset * 4, Uint32Array.of(7, 11));
  const drawn = (0x80000000 | (offset + 1)) >>> 0;
  const words = [
    [3, NONE, NONE, 0, 1],
    [drawn, 40, NONE, 1, NONE],
    [1, NONE, NONE, 2, 6],
    [VOCAB - 1, NONE, 2, 1, 0],
  ];
  for (const rows of [words, words.slice(1, 2), [...words, ...words, ...words]]) {
    const joined = await forward(rows, mode, true);
    expect(joined).toEqual(await forward(rows, mode, false));
    expect(joined[1][SESSION]).toBe(8);
    expect(joined[0][rows.length === 1 ? 0 : 8]).toBe(11);
    expect(joined[0][rows.length === 1 ? 1 : 9]).toBe(40);
  }
});

it("leaves the records to prepare where it would bind too much, or needs them filled before", () => {
  const { buffer: inputs } = bed.gpu.queue.inputs;
  const one = bed.empty("any", 64);
  const part = { buffer: one, format: "f32" as const, n: VOCAB, k: WIDTH };
  const range = { buffer: bed.empty("fed", 64), offset: 0, size: 64 };
  const isPreparing = (more: Partial<EmbedOptions>) =>
    new Embed(bed.gpu, bed.gpu.arena, {
      ...{ records: { buffer: one, slotsAt: 0 }, panel: PANEL, x: one, table: [part], ...more },
      prepares: { inputs, results: bed.gpu.results.buffer, lengths: one },
    }).isPreparing;
  const feeds = { gain: one, scaled: range, squares: range };
  expect(isPreparing({ feeds })).toBe(true);
  expect(isPreparing({ table: [{ ...part, format: "q8", scales: one }] })).toBe(true);
  expect(isPreparing({ feeds, table: [{ ...part, format: "q8", scales: one }] })).toBe(false);
  expect(isPreparing({ feeds, masks: one })).toBe(false);
  expect(isPreparing({ table: [part, part] })).toBe(false);
  expect(isPreparing({ positions: one })).toBe(false);
});
