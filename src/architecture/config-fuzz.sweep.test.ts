// Configs that are damaged at random: each says an architecture that its file can be checked against, or is refused in one line that
// names a field of it, and nothing large is made on the way.
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { fileSource } from "../format/file-source.js";
import { openCheckpoint } from "../format/checkpoint.js";
import { memorySource } from "../format/source.js";
import type { Checkpoint } from "../format/tensor.js";
import { loadArchitecture } from "../backend/webgpu/load/load.js";
import { threefry2x32 } from "../sampling/noise.js";
import { IS_WHOLE } from "../testing/test-depth.js";
import { ModelLoadError } from "../vocabulary/errors.js";
import { ropeTable } from "./rope.js";
import { openWeights } from "./open-weights.js";

const NUM_CASES = IS_WHOLE ? 10_000 : 1000;
const ROOT = new URL("../../tests/fixtures/", import.meta.url);
const FOLDERS = ["models", "masked"].flatMap((kind) =>
  readdirSync(new URL(kind, ROOT), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${kind}/${name}`),
);

type Json = Record<string, unknown>;
/** Stands for an array that is nested so deep that it can't be written out again. */
const DEEP = "@deep";
const ODD: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1, 2, 3, 7, 0.5, -0.5, 1e-300, 1e9, 1e12, 1e15, 1e300, 2 ** 53, 2 ** 31],
  ...["", "0", "-3", "1e12", "Infinity", "NaN", "true", "silu", "llama", "sliding_attention", "x".repeat(3000), "\n"],
  ...[[], [0], [-1], [1e15], ["full_attention"], Array(3000).fill(1), DEEP, {}, { a: 1 }, { rope_type: "yarn" }],
  ...[{ type: "dynamic", factor: 1e300 }, { rope_type: "longrope" }, { rope_type: "linear", factor: 1e-300 }],
  { rope_type: "yarn", factor: 1e300, original_max_position_embeddings: 1e15 },
];

/** A number below `below` that a case and a step of it draw. */
const draw = (seed: number, step: number, below: number) => threefry2x32(seed, 26, step, 0)[0] % below;

/** A fixture's config with some fields, also of its objects, taken away or holding something else; and which. */
function damaged(seed: number): { folder: string; config: string; fields: string[] } {
  const folder = FOLDERS[draw(seed, 0, FOLDERS.length)];
  const isNew = folder.startsWith("models") && draw(seed, 1, 3) === 0;
  const text = readFileSync(new URL(`${folder}/${isNew ? "config.v5.json" : "config.json"}`, ROOT), "utf8");
  // Folders of a2d don't say how they read, and each would be asked that first.
  const config = { ...JSON.parse(text), ...(folder.includes("a2d") && { block_size: 8 }) } as Json;
  const fields: string[] = [];
  if (draw(seed, 2, 12) === 0) {
    const at = draw(seed, 3, text.length);
    const cut = draw(seed, 4, 2) === 0 ? "" : text.slice(at + 1);
    return { folder, config: `${text.slice(0, at)}${'{}[],:"0x'[draw(seed, 5, 9)]}${cut}`, fields };
  }
  for (let i = 0; i <= draw(seed, 6, 3); i++) {
    const objects = [config, ...Object.values(config).filter((value) => value?.constructor === Object)] as Json[];
    const object = objects[draw(seed, 10 * i + 7, 2 * objects.length)] ?? config;
    const names = Object.keys(object);
    if (names.length === 0) continue;
    const name = names[draw(seed, 10 * i + 8, names.length)];
    fields.push(name);
    if (draw(seed, 10 * i + 9, 6) === 0) delete object[name];
    else object[name] = structuredClone(ODD[draw(seed, 10 * i + 10, ODD.length)]);
  }
  const whole = JSON.stringify(config).replaceAll(`"${DEEP}"`, () => "[".repeat(30_000) + "]".repeat(30_000));
  return { folder, config: whole, fields };
}

/** What came of one: loads, or why not. */
async function tried(config: string, checkpoint: Checkpoint): Promise<string> {
  const read = await loadArchitecture(memorySource(new Map([["config.json", config]])));
  expect(read.layers.length).toBeLessThanOrEqual(2048);
  for (const { attention } of read.layers.slice(0, 4)) {
    expect(attention.rope?.inverseFrequencies.length ?? 0).toBeLessThanOrEqual(4096);
    expect([...ropeTable(attention.rope, 2)].every(Number.isFinite)).toBe(true);
  }
  await openWeights(read, checkpoint);
  return "loads";
}

it(`${NUM_CASES} damaged configs load or are refused by a field's name`, async () => {
  const checkpoints = new Map(
    await Promise.all(
      FOLDERS.map(async (name) => [name, await openCheckpoint(fileSource(new URL(name, ROOT).pathname))] as const),
    ),
  );
  let numLoaded = 0;
  for (let seed = 0; seed < NUM_CASES; seed++) {
    const { folder, config, fields } = damaged(seed);
    try {
      await tried(config, checkpoints.get(folder) as Checkpoint);
      numLoaded++;
    } catch (error) {
      const what = `${seed} (${folder}, ${fields.join(", ")}): ${String(error).slice(0, 400)}`;
      expect(error, what).toBeInstanceOf(ModelLoadError);
      const { message } = error as Error;
      expect(message, what).not.toContain("\n");
      expect(message.length, what).toBeLessThan(2000);
      const places = [...fields, "config.json", "Tensor "];
      expect(
        places.some((place) => message.includes(place)),
        what,
      ).toBe(true);
    }
  }
  // Most fields matter, and some say what is so anyway.
  expect(numLoaded).toBeGreaterThan(NUM_CASES / 20);
  expect(numLoaded).toBeLessThan(NUM_CASES / 1.5);
  for (const checkpoint of checkpoints.values()) await checkpoint.close();
});
