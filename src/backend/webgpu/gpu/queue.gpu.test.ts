import { describe, expect, it } from "vitest";
import { fileBed } from "../../../testing/file-device.js";
import { makeOp } from "../ops/op.js";
import { selectStep } from "../ops/select-step.js";
import { profileKernels } from "./profile-kernels.js";

const NONE = 0xffffffff;

const bed = await fileBed();

describe("queue", () => {
  it("gives every dispatch its own step block and inputs, past the end of both rings", async () => {
    const count = 2500;
    const lengths = bed.words("lengths", [count]);
    const slots = bed.empty("slots", count * 4);
    const { queue, results } = bed.gpu;
    const prepare = makeOp(bed.gpu, "prepare", { WORKGROUP_SIZE: 1 }, [
      queue.inputs.buffer,
      results.buffer,
      lengths,
      bed.empty("rows", 8),
      slots,
    ]);
    const { submitCount, dispatchCount } = queue;
    for (let i = 0; i < count; i++) {
      // 40 words a step, of which 5 count: the inputs ring wraps too.
      const start = bed.inputs([i * 3 + 1, NONE, i, 0, NONE, ...new Array<number>(35).fill(7)]);
      prepare.record(bed.step([1, start, 0, 0, 1, 0, 1]), 1);
    }
    const words = await bed.readWords(slots, count * 4);
    expect(Array.from({ length: count }, (_, i) => words[i * 4 + 2])).toEqual(
      Array.from({ length: count }, (_, i) => i * 3 + 1),
    );
    expect(queue.dispatchCount - dispatchCount).toBe(count);
    expect(queue.submitCount - submitCount).toBeLessThan(12);
  });

  it("gives a profiler every dispatch by kernel name, and the same results", async () => {
    const { gpu } = bed;
    if (!gpu.facts.hasTimestamps) return;
    const seen = bed.words("seen", [1, 2, 3]);
    const clear = makeOp(gpu, "history_clear", {}, [seen]);
    const kernels = await profileKernels(gpu, async () => {
      for (let i = 0; i < 3; i++) clear.record(selectStep(gpu.queue, { numRows: 1, vocab: 96 }), 3);
    });
    expect(kernels).toEqual([{ kernel: "history_clear", dispatches: 3, gpuMs: expect.any(Number) }]);
    expect(kernels[0].gpuMs).toBeGreaterThanOrEqual(0);
    expect(Array.from(await bed.readWords(seen, 3))).toEqual([0, 0, 0]);
  });

  it("folds a dispatch of more than 65,535 workgroups, and reads more than a staging buffer holds", async () => {
    const count = 65_535 * 16 + 37;
    const gate = Float32Array.from({ length: count }, (_, i) => (i % 1000) / 100);
    const y = bed.empty("y", count);
    const op = makeOp(bed.gpu, "gated_activation", { ACTIVATION: "silu", GATED: false }, [bed.floats("gate", gate), y]);
    op.record(bed.step([count]), count);
    const actual = await bed.readFloats(y, count);
    for (const i of [0, 999, 65_535 * 16 - 1, 65_535 * 16, count - 1]) {
      expect(actual[i]).toBeCloseTo(gate[i] / (1 + Math.exp(-gate[i])), 5);
    }
  });

  it("reads what was recorded before the call, not after", async () => {
    const lengths = bed.words("lengths", [9, 9]);
    const cut = makeOp(bed.gpu, "set_length", { WORKGROUP_SIZE: 1 }, [lengths]);
    const record = (limit: number) => {
      cut.record(selectStep(bed.gpu.queue, { quota: limit, parents: NONE, k: 0x80000000 }), 1);
    };
    const reads: Promise<Uint32Array>[] = [];
    for (const limit of [7, 5, 2]) {
      record(limit);
      reads.push(bed.readWords(lengths, 1));
    }
    expect((await Promise.all(reads)).map(([length]) => length)).toEqual([7, 5, 2]);
  });

  it("shares a submit and a staging buffer among reads of one stretch, and never waits for more of them", async () => {
    const buffer = bed.words("four words", [3, 1, 4, 1]);
    await bed.readWords(buffer, 1);
    const { bufferCount } = bed.gpu.arena;
    const { submitCount } = bed.gpu.queue;
    const reads = [0, 1, 2, 3].map((start) => bed.readWords(buffer, 1, start));
    expect((await Promise.all(reads)).map(([word]) => word)).toEqual([3, 1, 4, 1]);
    expect(bed.gpu.queue.submitCount - submitCount).toBe(1);
    expect(bed.gpu.arena.bufferCount).toBe(bufferCount);
  });

  it("reads whole what a submit cuts off from its stretch, or what doesn't fit one staging buffer", async () => {
    const values = Array.from({ length: 2000 }, (_, i) => i * 7);
    const buffer = bed.words("many words", values);
    const { queue } = bed.gpu;
    const first = bed.readWords(buffer, 900);
    const second = bed.readWords(buffer, 900, 900);
    queue.flush();
    const rest = bed.readWords(buffer, 200, 1800);
    const whole = bed.readWords(buffer, 2000);
    expect([...(await first), ...(await second), ...(await rest)]).toEqual(values);
    expect(Array.from(await whole)).toEqual(values);
  });

  it("submits a long forward in parts, by the work in it", async () => {
    const count = 100_000;
    const y = bed.empty("y", count);
    const gate = bed.floats("gate", new Float32Array(count));
    const op = makeOp(bed.gpu, "gated_activation", { ACTIVATION: "silu", GATED: false }, [gate, y]);
    const { submitCount } = bed.gpu.queue;
    for (let i = 0; i < 9; i++) op.record(bed.step([count]), count);
    // 2^18 invocations a submit: every third dispatch reaches them.
    expect(bed.gpu.queue.submitCount - submitCount).toBe(3);
  });

  it("has the staging buffers of eight batches under way from the beginning: how late results arrive makes none", async () => {
    const buffer = bed.words("eight words", [3, 1, 4, 1, 5, 9, 2, 6]);
    const { bufferCount } = bed.gpu.arena;
    const reads = Array.from({ length: 8 }, (_, i) => {
      const read = bed.readWords(buffer, 1, i);
      // What is read behind a submit is a batch of its own.
      bed.gpu.queue.flush();
      return read;
    });
    expect((await Promise.all(reads)).map(([word]) => word)).toEqual([3, 1, 4, 1, 5, 9, 2, 6]);
    expect(bed.gpu.arena.bufferCount).toBe(bufferCount);
  });

  it("reuses its staging buffers", async () => {
    const buffer = bed.words("lengths", [1]);
    await bed.readWords(buffer, 1);
    const { bufferCount } = bed.gpu.arena;
    for (let i = 0; i < 20; i++) await bed.readWords(buffer, 1);
    expect(bed.gpu.arena.bufferCount).toBe(bufferCount);
  });
});

describe("kernel cache", () => {
  it("compiles a kernel once per set of constants, and refuses a wrong number of bindings", () => {
    const { kernels } = bed.gpu;
    const first = kernels.get("gated_activation", { ACTIVATION: "silu", GATED: true });
    const { pipelineCount } = kernels;
    expect(kernels.get("gated_activation", { ACTIVATION: "silu", GATED: true })).toBe(first);
    expect(kernels.pipelineCount).toBe(pipelineCount);
    expect(kernels.get("gated_activation", { ACTIVATION: "silu", GATED: false })).not.toBe(first);
    expect(() => kernels.bind(first, [])).toThrow(/takes 3 bindings, got 0/);
  });
});

describe("warming up", () => {
  it("finds the kernels of a run without recording it, and compiles each once, before its first use", async () => {
    const { kernels, queue } = bed.gpu;
    const seen = bed.words("seen", [1, 2, 3]);
    const clear = makeOp(bed.gpu, "history_clear", { WORKGROUP_SIZE: 2 }, [seen]);
    const record = () => clear.record(selectStep(queue, { numRows: 1, vocab: 96 }), 3);
    const { dispatchCount } = queue;
    const { pipelineCount } = kernels;
    const found = queue.rehearse(() => {
      record();
      record();
    });
    expect([...found].map(({ name }) => name)).toEqual(["history_clear"]);
    expect(queue.dispatchCount).toBe(dispatchCount);
    expect(Array.from(await bed.readWords(seen, 3))).toEqual([1, 2, 3]);
    await Promise.all([...found, ...found].map((kernel) => kernel.warmUp()));
    expect(kernels.pipelineCount).toBe(pipelineCount + 1);
    record();
    expect(Array.from(await bed.readWords(seen, 3))).toEqual([0, 0, 0]);
    expect(kernels.pipelineCount).toBe(pipelineCount + 1);
  });

  it("doesn't make a first use wait that comes before it is done", async () => {
    const seen = bed.words("seen", [1, 2, 3]);
    const clear = makeOp(bed.gpu, "history_clear", { WORKGROUP_SIZE: 3 }, [seen]);
    const record = () => clear.record(selectStep(bed.gpu.queue, { numRows: 1, vocab: 96 }), 3);
    const warmUps = [...bed.gpu.queue.rehearse(record)].map((kernel) => kernel.warmUp());
    record();
    expect(Array.from(await bed.readWords(seen, 3))).toEqual([0, 0, 0]);
    await Promise.all(warmUps);
  });
});

describe("arena", () => {
  it("counts labelled buffers on one ledger and gives them back", () => {
    const { arena } = bed.gpu;
    const before = [arena.byteLength, arena.bufferCount];
    const child = arena.child();
    expect(child.storage("three words", 12).label).toBe("three words");
    child.upload("more", new Float32Array(5));
    expect([child.ownByteLength, arena.byteLength - before[0], arena.bufferCount - before[1]]).toEqual([48, 48, 2]);
    child.dispose();
    expect([child.ownByteLength, arena.byteLength, arena.bufferCount]).toEqual([0, ...before]);
  });

  it("refuses a buffer past the device's limit by name and size", () => {
    const { arena } = bed.gpu;
    const limit = bed.gpu.device.limits.maxStorageBufferBindingSize;
    expect(() => arena.storage("too large", limit + 16)).toThrow(/"too large" needs \d+ bytes; this device allows/);
    expect(() => arena.storage("too large", limit + 16)).toThrow(expect.objectContaining({ code: "out_of_memory" }));
  });
});
