import { describe, expect, it } from "vitest";
import { openPicked } from "./open-address.js";

const json = (value: unknown) => new Blob([JSON.stringify(value)]);
const weights = new Blob([Uint8Array.of(1, 2, 3, 4)]);

describe("files that a person has picked", () => {
  it.each([
    ["a folder", "story/"],
    ["files", ""],
  ])("as %s are a model's folder, whose weights may have any name", async (_, root) => {
    const source = openPicked("picked:x", [
      { name: `${root}my-weights.safetensors`, blob: weights },
      { name: `${root}config.json`, blob: json({ a: 1 }) },
    ]);
    expect(await source.json("config.json")).toEqual({ a: 1 });
    const file = await source.file("model.safetensors");
    expect(file.byteLength).toBe(4);
    expect(await file.read(1, 3)).toEqual(Uint8Array.of(2, 3));
    expect(await source.has("model.safetensors.index.json")).toBe(false);
    await expect(source.json("tokenizer.json")).rejects.toMatchObject({
      code: "missing_file",
      message: expect.stringContaining("It has my-weights.safetensors, config.json"),
    });
  });

  it("are refused by name where they hold several GGUF files", () => {
    const picked = ["a.gguf", "b.gguf"].map((name) => ({ name, blob: weights }));
    expect(() => openPicked("picked:x", picked)).toThrow(/2 GGUF files: name one of them\. They are a\.gguf, b\.gguf/);
  });

  it("are refused where they are several models' folders, and a model's own folders are none", async () => {
    const story = ["story/config.json", "story/model.safetensors"];
    const named = (names: string[]) => names.map((name) => ({ name, blob: json(name) }));
    expect(() => openPicked("picked:x", named([...story, "tale/config.json", "tale/model.safetensors"]))).toThrow(
      /2 models' folders were picked together: pick one of them\. They are story, tale/,
    );
    const own = openPicked(
      "picked:x",
      named(["story/checkpoint-1/config.json", "story/checkpoint-1/model.safetensors", ...story]),
    );
    expect(await own.json("config.json")).toBe("story/config.json");
    expect(new TextDecoder().decode(await own.bytes("model.safetensors"))).toBe('"story/model.safetensors"');
  });

  it("are a model of one file of weights wherever in a folder that lies", async () => {
    const names = ["repo/README.md", "repo/weights/mine.safetensors"];
    const picked = names.map((name) => ({ name, blob: weights }));
    expect((await openPicked("picked:x", picked).file("model.safetensors")).byteLength).toBe(4);
  });
});
