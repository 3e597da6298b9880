// Graphs by the names of transformers.js, of every family, as exports: what transformers writes is what they write. Their weights lie in
// files beside them.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileSource } from "../../../format/file-source.js";
import { memorySource } from "../../../format/source.js";
import type { Session } from "../../../seam/session.js";
import type { Model } from "../../../seam/model.js";
import { verify } from "../../../seam/questions/verify.js";
import { GREEDY } from "../../../seam/sampler.js";
import { builtFiles, exportedModel, loadBuilt } from "../../../testing/export-folder.js";
import { readModel } from "../../../testing/onnx-bed.js";
import { onnxDevice } from "../../../testing/onnx-device.js";
import { ModelLoadError } from "../../../vocabulary/errors.js";
import { buildCausalModel } from "../causal-graph.js";

const device = await onnxDevice();
const FAMILIES = ["llama", "gpt2", "qwen3"];

async function filesOf(name: string): Promise<Record<string, unknown>> {
  const folder = `tests/fixtures/models/${name}`;
  const { architecture, weights } = await readModel(fileSource(folder));
  const config = readFileSync(`${folder}/config.json`, "utf8");
  return { "config.json": config, ...builtFiles(await buildCausalModel(architecture, weights)) };
}

const folderOf = (files: Record<string, unknown>) => memorySource(new Map(Object.entries(files)), "built/");

it.each(FAMILIES)("%s writes what transformers does", async (name) => {
  const expected = JSON.parse(readFileSync(`tests/fixtures/models/${name}/expected.json`, "utf8"));
  const model = await loadBuilt(device, folderOf(await filesOf(name)));
  const session = model.session();
  const ids: number[] = [];
  let tokens: number[] = expected.input_ids;
  while (ids.length < expected.greedy.length) {
    const logits = await session.forward({ tokens, attend: "causal", rows: "last", keep: tokens.length }).logits();
    tokens = [logits.indexOf(Math.max(...logits))];
    ids.push(tokens[0]);
  }
  expect(ids).toEqual(expected.greedy);
  session.dispose();
  model.dispose();
});

describe("weights in a file beside the graph", () => {
  const fault = async (change: (files: Record<string, unknown>, path: string) => void) => {
    const files = await filesOf("gpt2");
    change(files, "onnx/transformer.wte.weight" in files ? "onnx/transformer.wte.weight" : Object.keys(files)[2]);
    const error: unknown = await loadBuilt(device, folderOf(files)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ModelLoadError);
    (await loadBuilt(device, folderOf(await filesOf("gpt2")))).dispose();
    return (error as Error).message;
  };

  it("that are missing, or cut, are named; the next load works", async () => {
    const missing = await fault((files, path) => delete files[path]);
    expect(missing).toMatch(/^onnx\/.* is missing in built\/: onnx\/model\.onnx keeps its weights there/);
    const cut = await fault((files, path) => {
      files[path] = (files[path] as Uint8Array).slice(0, 40);
    });
    expect(cut).toMatch(/^onnx\/.* in built\/ ends after 40 of at least \d+ bytes\. Load it again/);
    const pointer = await fault((files, path) => {
      files[path] = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n";
    });
    expect(pointer).toMatch(/^onnx\/.* in built\/ is a pointer of Git LFS, not the file itself/);
  });
});

describe("a session's rows", () => {
  let model: Model;
  beforeAll(async () => {
    model = await exportedModel(device, "model.onnx");
  });
  afterAll(() => model.dispose());
  const TEXT = [1, 403, 407, 261, 378, 432, 383, 286];
  const next = (session: Session, tokens: number[]) =>
    session.forward({ tokens, attend: "causal", rows: "all", keep: 0 }).logits();
  const anew = async (ids: number[]) => {
    const session = model.session();
    session.forward({ tokens: ids, attend: "causal", rows: [], keep: ids.length });
    const logits = await next(session, [5, 6]);
    session.dispose();
    return logits;
  };
  const expectNear = async (session: Session, ids: number[]) => {
    const [one, other] = [await next(session, [5, 6]), await anew(ids)];
    expect(Math.max(...one.map((value, i) => Math.abs(value - other[i])))).toBeLessThan(1e-3);
  };

  it("are as read anew after cuts, forks, scratch rows and verdicts", async () => {
    const session = model.session();
    session.forward({ tokens: TEXT, attend: "causal", rows: [], keep: 8 });
    const fork = session.fork();
    session.truncate(5);
    await expectNear(session, TEXT.slice(0, 5));
    await expectNear(fork, TEXT);
    // 432 and 383 are what the model writes behind 378; 9 isn't.
    const rows = session.forward({ tokens: [432, 383, 9, 9], attend: "causal", keep: 1 });
    const verdict = rows.ask(verify(GREEDY));
    session.keep(verdict);
    expect((await verdict.read()).accepted).toBe(1);
    await session.settle();
    expect(session.length).toBe(7);
    await expectNear(session, TEXT.slice(0, 7));
    session.forward({ tokens: [286, 1, 2], attend: "causal", keep: 1 });
    await expectNear(session, TEXT);
    expect(session.match([...TEXT.slice(0, 3), 99])).toBe(3);
    await expectNear(session, TEXT.slice(0, 3));
    session.truncate(1);
    await expectNear(session, TEXT.slice(0, 1));
    for (const one of [session, fork]) one.dispose();
  });
});
