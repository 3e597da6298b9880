import { describe, expect, it } from "vitest";
import { ResultRing, UploadRing } from "./ring.js";

/** A ring over a device that only notes what is uploaded. */
function uploadRing(numWords: number, alignWords: number, flush: () => void = () => undefined) {
  const uploads: { start: number; words: number[] }[] = [];
  const writeBuffer = (_: unknown, byteOffset: number, words: Uint32Array, first: number, count: number) => {
    uploads.push({ start: byteOffset / 4, words: Array.from(words.subarray(first, first + count)) });
  };
  const device = { queue: { writeBuffer } } as unknown as GPUDevice;
  const ring = new UploadRing(device, () => ({}) as GPUBuffer, numWords, alignWords, flush);
  return { ring, uploads };
}

function put(ring: UploadRing, values: number[]): number {
  const start = ring.reserve(values.length);
  values.forEach((value, i) => {
    ring.setWord(start + i, value);
  });
  return start;
}

describe("upload ring", () => {
  it("gives aligned regions and sends only what is new", () => {
    const { ring, uploads } = uploadRing(16, 4);
    expect([put(ring, [1]), put(ring, [2, 3])]).toEqual([0, 4]);
    ring.upload();
    ring.upload();
    expect(put(ring, [4])).toBe(8);
    ring.upload();
    expect(uploads).toEqual([
      { start: 0, words: [1, 0, 0, 0, 2, 3, 0, 0] },
      { start: 8, words: [4, 0, 0, 0] },
    ]);
  });

  it("flushes before it starts over, and sends what no command has used yet", () => {
    let flushes = 0;
    const { ring, uploads } = uploadRing(8, 4, () => flushes++);
    put(ring, [1]);
    put(ring, [2]);
    expect(put(ring, [3])).toBe(0);
    expect(flushes).toBe(1);
    // The flush had nothing to submit, so it sent nothing; the ring did.
    expect(uploads).toEqual([{ start: 0, words: [1, 0, 0, 0, 2, 0, 0, 0] }]);
  });

  it("knows a region until it is overwritten", () => {
    const { ring } = uploadRing(12, 4);
    put(ring, [1, 2, 3]);
    const { serial } = ring;
    put(ring, [4]);
    put(ring, [5]);
    expect(ring.holds(serial, 3)).toBe(true);
    put(ring, [6]);
    expect(ring.holds(serial, 3)).toBe(false);
  });

  it("refuses a region larger than itself", () => {
    expect(() => uploadRing(8, 4).ring.reserve(9)).toThrow(/9 words of 8/);
  });
});

describe("result ring", () => {
  it("holds a region until later ones need its words, the rest before the end included", () => {
    const ring = new ResultRing({} as GPUBuffer, 10);
    const first = ring.reserve(4);
    const second = ring.reserve(4);
    expect([first.offset, second.offset]).toEqual([0, 4]);
    expect(ring.holds(first.serial)).toBe(true);
    expect(ring.reserve(3).offset).toBe(0);
    expect(ring.holds(first.serial)).toBe(false);
    expect(ring.holds(second.serial)).toBe(true);
    ring.reserve(3);
    expect(ring.holds(second.serial)).toBe(false);
  });

  it("refuses a result larger than itself", () => {
    expect(() => new ResultRing({} as GPUBuffer, 10).reserve(11)).toThrow(/11 words/);
  });
});
