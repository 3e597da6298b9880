import { expect, it } from "vitest";
import { expandWgsl } from "../gpu/wgsl.js";
import { exponential, PURPOSE } from "../../../sampling/noise.js";
import { fileBed } from "../../../testing/file-device.js";

const bed = await fileBed();

/** Runs `body`, which sets `out[i]` from the five words at `i * 5`, once for each entry of `cases`. */
async function evaluate(body: string, cases: readonly number[][]): Promise<Uint32Array> {
  const { device, arena } = bed.gpu;
  const code = `${expandWgsl("noise", {})}
    @group(0) @binding(0) var<storage, read> cases: array<u32>;
    @group(0) @binding(1) var<storage, read_write> out: array<vec2<u32>>;
    @compute @workgroup_size(16)
    fn main(@builtin(global_invocation_id) id: vec3<u32>) {
      let at = id.x * 5u;
      if (at + 5u > arrayLength(&cases)) { return; }
      ${body}
    }`;
  const pipeline = device.createComputePipeline({
    label: "noise",
    layout: "auto",
    compute: { module: device.createShaderModule({ label: "noise", code }), entryPoint: "main" },
  });
  const input = arena.buffer("cases", cases.length * 20, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST);
  device.queue.writeBuffer(input, 0, Uint32Array.from(cases.flat()));
  const out = bed.empty("out", cases.length * 2);
  const entries = [
    { binding: 0, resource: { buffer: input, size: cases.length * 20 } },
    { binding: 1, resource: { buffer: out } },
  ];
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(Math.ceil(cases.length / 16));
  pass.end();
  device.queue.submit([encoder.finish()]);
  return bed.readWords(out, cases.length * 2);
}

it("Threefry gives the known answers of its authors", async () => {
  const ones = 0xffffffff;
  const cases = [
    [0, 0, 0, 0, 0],
    [ones, ones, ones, ones, 0],
    [0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3, 0],
  ];
  const body = `
    let key = vec2<u32>(cases[at], cases[at + 1u]);
    out[id.x] = threefry2x32(key, vec2<u32>(cases[at + 2u], cases[at + 3u]));`;
  expect(Array.from(await evaluate(body, cases))).toEqual([
    0x6b200159, 0x99ba4efe, 0x1cb996fc, 0xbb002be7, 0xc4923a9c, 0x483df7a0,
  ]);
});

it("variates agree with the CPU's as far as WGSL allows, the very small ones to a few ulp", async () => {
  const cases = [
    [0, PURPOSE.token, 0, 0, 0],
    [0xffffffff, PURPOSE.order, 511, 0xffffff, 151935],
    // Found by search: less than 2^-28, and one of 2^-25 or more beside them.
    [11, PURPOSE.token, 13, 4, 35856],
    [11, PURPOSE.token, 82, 35, 47051],
    [11, PURPOSE.token, 190, 104, 19804],
    [11, PURPOSE.token, 94, 36, 1066],
    ...Array.from({ length: 5000 }, (_, i) => [i % 7, i % 3 ? PURPOSE.token : PURPOSE.order, i * 13, i % 5, i * 31]),
  ];
  const body = `
    let e = exponential(cases[at], cases[at + 1u], cases[at + 2u], cases[at + 3u], cases[at + 4u]);
    out[id.x] = vec2<u32>(bitcast<u32>(e), 0u);`;
  const floats = new Float32Array((await evaluate(body, cases)).buffer);
  let smallest = 1;
  cases.forEach(([seed, purpose, position, draw, token], i) => {
    const expected = exponential(seed, purpose as 0 | 5, position, draw, token);
    smallest = Math.min(smallest, expected);
    // WGSL lets log err by 2^-21 near 1; below 2^-10 there is no log.
    const bound = (expected < 2 ** -10 ? 0 : 2 ** -21) + expected * 5e-7;
    expect(Math.abs(floats[i * 2] - expected), cases[i].join(" ")).toBeLessThan(bound);
  });
  expect(smallest).toBeLessThan(2 ** -28);
});
