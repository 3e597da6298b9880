import { expect, it } from "vitest";
import { memoryCheckpoint } from "../../format/memory-checkpoint.js";
import type { Tensor, Weights } from "../../format/tensor.js";
import { fillFiles, type WeightFile } from "./weight-files.js";

const TENSORS = ["c", "a", "unused", "b"].map(
  (name, i): Tensor => ({ name, dtype: "F32", shape: [1], bytes: new Uint8Array(Float32Array.of(i).buffer) }),
);

function counted(read: string[], onRead = () => {}): Weights {
  const whole = memoryCheckpoint(new Map(TENSORS.map((tensor) => [tensor.name, tensor])));
  return {
    ...whole,
    read(name) {
      read.push(name);
      onRead();
      return whole.read(name);
    },
  };
}

const made = (path: string, tensor: string): WeightFile => ({
  path,
  data: { tensor, make: ({ bytes }) => Uint8Array.of(...bytes, 7) },
});
const FILES = [
  made("a codes", "a"),
  { path: "rotation", data: Uint8Array.of(1) },
  made("b", "b"),
  made("a scales", "a"),
  made("c", "c"),
];

it("files are made of tensors that are read once each, in the order of the weights", async () => {
  const read: string[] = [];
  const filled = await fillFiles(FILES, counted(read));
  expect(read).toEqual(["c", "a", "b"]);
  expect(filled.map(({ path }) => path)).toEqual(["rotation", "c", "a codes", "a scales", "b"]);
  const one = [...new Uint8Array(Float32Array.of(1).buffer), 7];
  expect(filled.find(({ path }) => path === "a scales")?.data).toEqual(Uint8Array.from(one));
});

it("stops where it is told to", async () => {
  const read: string[] = [];
  const stop = new AbortController();
  const filling = fillFiles(
    FILES,
    counted(read, () => stop.abort()),
    stop.signal,
  );
  await expect(filling).rejects.toMatchObject({ name: "AbortError" });
  expect(read).toEqual(["c"]);
});
