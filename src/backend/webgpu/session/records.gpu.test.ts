// Records that kernels write and the host reads, or makes room for: rows_records.wgsl and verdict_record.wgsl by themselves.
import { expect, it } from "vitest";
import { fileBed } from "../../../testing/file-device.js";
import { expandWgsl } from "../gpu/wgsl.js";
import { SELECT_WORDS } from "../ops/selection.js";
import { STEP_FIELDS } from "../ops/select-step.js";
import { verdictLayout, verdictWords } from "./verdict.js";

const bed = await fileBed();
const NONE = 0xffffffff;

/** Runs a WGSL text once, with these buffers bound in order. */
function dispatch(code: string, buffers: readonly GPUBuffer[]): void {
  const { device } = bed.gpu;
  const module = device.createShaderModule({ code });
  const pipeline = device.createComputePipeline({ layout: "auto", compute: { module, entryPoint: "main" } });
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(1);
  pass.end();
  device.queue.submit([encoder.finish()]);
}

const maker = { name: "m", watch: null } as never;
const WRITE_VERDICT = `
${expandWgsl("select_step", {})}
${expandWgsl("verdict_record", {})}
@group(0) @binding(1) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1) fn main() {
  let n = step.num_rows;
  var bits = vec2<u32>(0u);
  // Every third row, and the last: bits of both words.
  for (var row = 1u; row < n; row++) { if (row % 3u == 1u || row == n - 1u) { bits = with_bit(bits, row); } }
  out[verdict_at()] = 7u;
  out[verdict_at() + 1u] = 8u;
  for (var row = 0u; row < n; row++) { out[path_at() + row] = 100u + row; }
  out[last_at()] = 77u;
  out[last_at() + 1u] = bits.x;
  out[last_at() + 2u] = bits.y;
  for (var draft = 0u; draft + 1u < n; draft++) { out[drafts_at() + draft] = 1000u + draft; }
  for (var i = 0u; i < n; i++) { out[logprobs_at() + i] = bitcast<u32>(-f32(i + 1u)); }
}`;

it.each([1, 2, 32, 33, 34, 65])(
  "verdict_record.wgsl: of %i rows, what kernels write is what the host reads",
  async (n) => {
    const offset = 5;
    const total = offset + n * SELECT_WORDS + verdictWords(n);
    const step = STEP_FIELDS.map((name) => (name === "numRows" ? n : name === "result" ? offset : 0));
    const out = bed.empty("out", total + 1);
    dispatch(WRITE_VERDICT, [bed.uniform(step), out]);
    const words = await bed.readWords(out, total + 1);
    const layout = verdictLayout({ numRows: n, maker, drafterOf: () => maker } as never);
    const start = offset + layout.start;
    expect(start + layout.numWords).toBe(total);
    const drafts = Array.from({ length: n - 1 }, (_, i) => i);
    const accepted = drafts.filter((draft) => (draft + 1) % 3 === 1 || draft === n - 2);
    const kept = words.slice(start, start + layout.numWords);
    const { path, drafts: read, emitted } = layout.decode(kept, new Float32Array(kept.buffer));
    expect(path).toEqual([0, ...accepted.map((draft) => draft + 1)]);
    expect(read).toEqual(drafts.map((draft) => 1000 + draft));
    const tokens = [...accepted.map((draft) => 1000 + draft), 77];
    expect(emitted).toEqual(tokens.map((token, i) => ({ token, logprob: -i - 1 })));
    // What stays on the device, and nothing before or behind the record.
    const record = offset + n * SELECT_WORDS;
    expect([...words.subarray(record, record + 2 + n)]).toEqual([
      7,
      8,
      ...Array.from({ length: n }, (_, i) => 100 + i),
    ]);
    expect([words[record - 1], words[total]]).toEqual([0, 0]);
    expect(layout.promoted.at).toBe(n * SELECT_WORDS);
  },
);

it("rows_records.wgsl: a row has eight words and a slot four, in the order in which they are written", async () => {
  const code = `${expandWgsl("rows_records", {})}
    struct Stored { rows: array<Row, 2>, slots: array<Slot, 2> }
    @group(0) @binding(0) var<storage, read_write> stored: Stored;
    @compute @workgroup_size(1) fn main() {
      stored.rows[0] = Row(1u, 2u, 3u, 4u, 5u, 6u, NONE, 8u);
      stored.rows[1] = Row(9u, 10u, 11u, 12u, 13u, 14u, 15u, 16u);
      for (var i = 0u; i < 2u; i++) { stored.slots[i] = Slot(20u + i, 30u + i, 40u + i, 0u); }
    }`;
  const stored = bed.empty("stored", 24);
  dispatch(code, [stored]);
  const [first, second, slots] = [
    [1, 2, 3, 4, 5, 6, NONE, 8],
    [9, 10, 11, 12, 13, 14, 15, 16],
    [20, 30, 40, 0, 21, 31, 41, 0],
  ];
  expect([...(await bed.readWords(stored, 24))]).toEqual([...first, ...second, ...slots]);
});
