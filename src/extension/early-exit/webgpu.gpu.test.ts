import { earlyExit } from "./key.js";
import { beforeAll, expect, it } from "vitest";
import { withConfig } from "../../testing/with-config.js";
import { fileSource } from "../../format/file-source.js";
import { loadArchitecture, loadTransformer } from "../../backend/webgpu/load/load.js";
import type { Model } from "../../seam/model.js";
import type { Session } from "../../seam/session.js";
import { fileDevice } from "../../testing/file-device.js";

const TOKENS = [1, 403, 407, 261, 378, 281, 410];

const gpu = await fileDevice();
let model: Model;
let target: Session;

/** stories260k, of which only so many layers are read. */
async function load(numLayers?: number): Promise<Model> {
  const files = fileSource("public/models/stories260k");
  const source = numLayers === undefined ? files : withConfig(files, { num_hidden_layers: numLayers });
  return loadTransformer(gpu, source, await loadArchitecture(source));
}

/** Logits of all rows, the last of which is read alone, behind the others. */
async function logitsOf(session: Session, tokens: readonly number[] = TOKENS): Promise<number[][]> {
  session.truncate(0);
  const first = session.forward({ tokens: tokens.slice(0, -1), attend: "causal", keep: tokens.length - 1 });
  const logits = [await first.logits()];
  logits.push(await session.forward({ tokens: tokens.slice(-1), attend: "causal", keep: 1 }).logits());
  return logits.map((rows) => [...rows]);
}

beforeAll(async () => {
  model = await load();
  target = model.session();
});

it.each([1, 2, 4])(
  "a session on the first %d layers has the logits of a model that ends there, bit for bit",
  async (numLayers) => {
    const whole = await logitsOf(target);
    const expected = await load(numLayers);
    expect(await logitsOf(target.beside(earlyExit(numLayers)))).toEqual(await logitsOf(expected.session()));
    // Both on one model, neither changes what the other computes.
    expect(await logitsOf(target)).toEqual(whole);
    expect(await logitsOf(target.beside(earlyExit(numLayers)))).not.toEqual(whole);
    expected.dispose();
  },
);

it.each(["gemma3_text", "gpt_neox"])("also where norms are kernels of their own: %s", async (name) => {
  const files = fileSource(`tests/fixtures/models/${name}`);
  const of = async (source: typeof files) => loadTransformer(gpu, source, await loadArchitecture(source));
  const [whole, first] = [await of(files), await of(withConfig(files, { num_hidden_layers: 1 }))];
  const session = whole.session();
  const tokens = TOKENS.map((token) => token % 300);
  const logits = await logitsOf(session, tokens);
  expect(await logitsOf(session.beside(earlyExit(1)), tokens)).toEqual(await logitsOf(first.session(), tokens));
  expect(await logitsOf(session, tokens)).toEqual(logits);
  session.dispose();
  for (const one of [whole, first]) one.dispose();
});

it("is the same session when asked again, costs its layers' dispatches, and goes with the session it belongs to", async () => {
  const session = model.session();
  const shallow = session.beside(earlyExit(2));
  expect(session.beside(earlyExit(2))).toBe(shallow);
  const dispatchesOf = (one: Session) => {
    const before = one.counts.dispatches;
    one.forward({ tokens: [1], attend: "causal", keep: 0 });
    return one.counts.dispatches - before;
  };
  const perLayer = (dispatchesOf(session) - dispatchesOf(shallow)) / 3;
  expect(Number.isInteger(perLayer) && perLayer > 0).toBe(true);
  expect(dispatchesOf(session.beside(earlyExit(4))) - dispatchesOf(shallow)).toBe(2 * perLayer);
  session.dispose();
  expect(() => shallow.forward({ tokens: [1], attend: "causal", keep: 0 })).toThrow(/disposed/);
});

it.each([0, 5, 6])("refuses %d of five layers", (numLayers) => {
  expect(() => target.beside(earlyExit(numLayers))).toThrow(/at least 1, and fewer than all/);
});
