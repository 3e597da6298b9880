import { expect, it } from "vitest";
import { openCheckpoint } from "./checkpoint.js";
import { readHeader } from "./gguf/header.js";
import { memorySource } from "./source.js";

const POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0a1b\nsize 269060552\n";
const SAYS = /is a pointer of Git LFS, not the file itself: fetch it with git lfs pull/;

it("a pointer of Git LFS in a file's place is said to be one, whichever file of a folder it is", async () => {
  const index = { weight_map: { "a.weight": "model-00001-of-00002.safetensors" } };
  const folders: Record<string, unknown>[] = [
    { "model.safetensors": POINTER },
    { "model.safetensors.index.json": index, "model-00001-of-00002.safetensors": POINTER },
    { "model.safetensors.index.json": POINTER },
  ];
  for (const files of folders) {
    const source = memorySource(new Map(Object.entries(files)), "here");
    const opening = openCheckpoint(source, {});
    await expect(opening).rejects.toMatchObject({ code: "damaged_file", message: expect.stringMatching(SAYS) });
    await expect(opening).rejects.toThrow(Object.keys(files).at(-1));
  }
  const source = memorySource(new Map([["model.gguf", POINTER]]), "here");
  await expect(readHeader(await source.file("model.gguf"), "model.gguf")).rejects.toThrow(SAYS);
  const config = memorySource(new Map([["config.json", POINTER]]), "here");
  await expect(config.json("config.json")).rejects.toThrow(/^config\.json in here is a pointer/);
});
