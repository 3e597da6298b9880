import { readdirSync, readFileSync } from "node:fs";
import { ARGMAX } from "../../../seam/questions/sample.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileSource } from "../../../format/file-source.js";
import { loadArchitecture, loadTransformer } from "./load.js";
import type { Session } from "../../../seam/session.js";
import type { WebGpuModel } from "../session/webgpu-model.js";
import { fileDevice } from "../../../testing/file-device.js";

interface Expected {
  input_ids: number[];
  logits_causal: number[][];
  greedy: number[];
  logits_full: number[][];
  logits_block4: number[][];
  tree?: { prefix_ids: number[]; tokens: number[]; parents: number[]; logits: number[][] };
  /** A text beyond the trained length, read by the rotation of a context that is asked for. */
  long?: { context: number; input_ids: number[]; logits_causal: number[][] };
  tolerance: number;
}

/** A family's fixture is its folder. */
const FIXTURES = readdirSync("tests/fixtures/models");

function worst(actual: Float32Array, expected: number[][]): number {
  const flat = expected.flat();
  expect(actual.length).toBe(flat.length);
  return flat.reduce((max, value, i) => Math.max(max, Math.abs(value - actual[i])), 0);
}

function never(): never {
  throw new Error("a test without its golden");
}

const gpu = await fileDevice();

describe.each(FIXTURES)("%s agrees with transformers", (name) => {
  const folder = `tests/fixtures/models/${name}`;
  const expected = JSON.parse(readFileSync(`${folder}/expected.json`, "utf8")) as Expected;
  const ids = expected.input_ids;
  let model: WebGpuModel;
  let session: Session;

  beforeAll(async () => {
    const source = fileSource(folder);
    model = await loadTransformer(gpu, source, await loadArchitecture(source));
    session = model.session();
  });
  afterAll(() => {
    session.dispose();
    model.dispose();
  });

  it("on causal logits", async () => {
    session.truncate(0);
    const rows = session.forward({ tokens: ids, attend: "causal", rows: ids.map((_, i) => i).slice(-4), keep: 0 });
    expect(worst(await rows.logits(), expected.logits_causal)).toBeLessThan(expected.tolerance);
  });

  it("on greedy ids, prefilled and decoded through the cache without a look at the tokens", async () => {
    session.truncate(0);
    let next = session.forward({ tokens: ids, attend: "causal", rows: "last", keep: ids.length }).ask(ARGMAX);
    const pendings = [next];
    for (let i = 1; i < expected.greedy.length; i++) {
      next = session.forward({ tokens: [next.ref(0)], attend: "causal", rows: "last", keep: 1 }).ask(ARGMAX);
      pendings.push(next);
    }
    const tokens: number[] = [];
    for (const pending of pendings) tokens.push((await pending.read())[0].token);
    expect(tokens).toEqual(expected.greedy);
  });

  it.runIf(expected.logits_full)("on full attention", async () => {
    session.truncate(0);
    const rows = session.forward({ tokens: ids, attend: "full", keep: 0 });
    expect(worst(await rows.logits(), expected.logits_full)).toBeLessThan(expected.tolerance);
  });

  it.runIf(expected.logits_block4)("on block-causal attention", async () => {
    session.truncate(0);
    const rows = session.forward({ tokens: ids, attend: { block: 4 }, keep: 0 });
    expect(worst(await rows.logits(), expected.logits_block4)).toBeLessThan(expected.tolerance);
  });

  it.runIf(expected.long)("on a text beyond the trained length", async () => {
    const { context, input_ids: tokens, logits_causal: logits } = expected.long ?? never();
    const source = fileSource(folder);
    const wide = await loadTransformer(gpu, source, await loadArchitecture(source), { context });
    const own = wide.session();
    const last = tokens.map((_, i) => i).slice(-4);
    expect(worst(await own.forward({ tokens, attend: "causal", rows: last, keep: 0 }).logits(), logits)).toBeLessThan(
      expected.tolerance,
    );
    own.dispose();
    wide.dispose();
  });

  it.runIf(expected.tree)("on a tree behind a causal prefix", async () => {
    const tree = expected.tree;
    if (!tree) return;
    session.truncate(0);
    const prefix = tree.prefix_ids;
    session.forward({ tokens: prefix, attend: "causal", rows: [], keep: prefix.length });
    const rows = session.forward({ tokens: tree.tokens, attend: { parents: tree.parents }, keep: 0 });
    expect(worst(await rows.logits(), tree.logits)).toBeLessThan(expected.tolerance);
  });
});
