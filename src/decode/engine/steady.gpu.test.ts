import { EAGLE } from "../../extension/eagle/key.js";
import { MASK_TOKENS } from "../../extension/mask-tokens/key.js";
import { TEXT_DRAFTS } from "../../extension/text-drafts/key.js";
import { TWIN } from "../../extension/twin/key.js";
import { earlyExit } from "../../extension/early-exit/key.js";
import { lawsFor } from "../../extension/laws/key.js";
import { memoryOf } from "../../extension/row-memory/key.js";
import { ARGMAX } from "../../seam/questions/sample.js";
import { beforeAll, describe, expect, it } from "vitest";
import { withConfig } from "../../testing/with-config.js";
import { fileSource } from "../../format/file-source.js";
import { loadAdapter } from "../../extension/mask-tokens/load.js";
import { loadHead } from "../../extension/load-head.js";
import { loadModel, type LoadedModel } from "../../testing/load-model.js";
import { randomAdapter } from "../../testing/random-adapter.js";
import { randomHead } from "../../testing/random-head.js";
import type { WebGpuSession } from "../../backend/webgpu/session/webgpu-session.js";
import { generate } from "./engine.js";
import { findDecoder } from "../index.js";
import { fileDevice } from "../../testing/file-device.js";

const gpu = await fileDevice();
let ar: LoadedModel;
let draft: LoadedModel;
let diffusion: LoadedModel;
beforeAll(async () => {
  const files = (name: string) => fileSource(`public/models/${name}`);
  ar = await loadModel(gpu, files("stories260k"));
  draft = await loadModel(gpu, withConfig(files("stories260k"), { num_hidden_layers: 3 }));
  diffusion = await loadModel(gpu, withConfig(files("story-diffusion"), { num_hidden_layers: 2 }));
  // Else a kernel that another one stands in for compiles once that has cost enough: some runs later.
  gpu.kernels.mayStandIn = false;
});

const FILTERS = { temperature: 0.9, top_k: 40, top_p: 0.95, min_p: 0.02 };

describe("in steady state nothing is made: no pipeline, bind group or buffer", () => {
  it.each([
    ["autoregressive", { temperature: 0 }],
    ["autoregressive", { temperature: 1 }],
    ["autoregressive", FILTERS],
    ["speculative", FILTERS],
    ["speculative", { ...FILTERS, verifier: "rejection" }],
    ["speculative", { ...FILTERS, verifier: "block" }],
    ["speculative", { ...FILTERS, verifier: "kseq", drafter: "chains" }],
    ["speculative", { ...FILTERS, verifier: "recursive", drafter: "chains" }],
    ["speculative", { ...FILTERS, verifier: "typical" }],
    ["speculative", { temperature: 0, verifier: "bild", fallback_threshold: 0.1 }],
    ["speculative", { temperature: 0, verifier: "bild", fallback_rule: "discard" }],
    ["speculative", { ...FILTERS, drafter: "device-lookup" }],
    ["speculative", { ...FILTERS, drafter: "recycling" }],
    ["speculative", { ...FILTERS, drafter: "prompt-lookup", draft_timing: "late" }],
    ["block-diffusion", FILTERS],
    ["block-diffusion", { ...FILTERS, commit_rule: "klass" }],
    ["block-diffusion", { ...FILTERS, commit_rule: "remdm", denoising_steps: 4 }],
    ["block-diffusion", { ...FILTERS, cfg_scale: 1 }],
  ])("%s with %o", async (name, options) => {
    const target = name === "block-diffusion" ? diffusion : ar;
    const sessions = { target: target.model.session(), draft: draft.model.session() };
    const made = () => ({
      pipelines: gpu.kernels.pipelineCount,
      bindGroups: gpu.kernels.bindGroupCount,
      buffers: gpu.arena.bufferCount,
    });
    const counts: unknown[] = [];
    const max_new_tokens = 20;
    // The first run reads the prompt, the next ones find it stored.
    for (let runs = 0; runs < 3; runs++) {
      const done = await generate(
        {
          decoder: findDecoder(name),
          promptIds: target.tokenizer.promptIds("Once upon a time there was"),
          target: sessions.target,
          ...(name === "speculative" ? { draft: sessions.draft, draftCapabilities: draft.model.capabilities } : {}),
          capabilities: target.model.capabilities,
          options: { ...options, max_new_tokens, seed: 4 },
          tokenizer: target.tokenizer,
          // Else the time of a step says whether a block's steps run ahead, and with that how many rows get logits: a machine
          // that is busy in the third run alone would compile a tile of its own.
          stepsPerSync: 4,
        },
        () => {},
      );
      expect(done.ids.length).toBe(max_new_tokens);
      counts.push(made());
    }
    expect(counts[2]).toEqual(counts[1]);
    sessions.target.dispose();
    sessions.draft.dispose();
  });
});

it.each([
  { ...FILTERS, num_assistant_tokens: 40 },
  { ...FILTERS, drafter: "tree", num_assistant_tokens: 64 },
  { ...FILTERS, drafter: "suffix", num_assistant_tokens: 8 },
  { ...FILTERS, drafter: "recycling", num_assistant_tokens: 63 },
  { ...FILTERS, drafter: "suffix", draft_timing: "late" },
  { ...FILTERS, verifier: "rejection", num_assistant_tokens: 12 },
  { ...FILTERS, verifier: "kseq", drafter: "chains", num_draft_chains: 8 },
  { ...FILTERS, verifier: "typical", drafter: "chains" },
  { temperature: 0, verifier: "bild", fallback_rule: "discard" },
])("a round reads back 4 bytes a token, 64 more, and 8 a draft, at most: %o", async (options) => {
  const sessions = { target: ar.model.session(), draft: draft.model.session() };
  const done = await generate(
    {
      decoder: findDecoder("speculative"),
      promptIds: ar.tokenizer.promptIds("Tom had a red ball. Sue had a red ball. Tom had a red"),
      ...sessions,
      draftCapabilities: draft.model.capabilities,
      capabilities: ar.model.capabilities,
      options: { ...options, max_new_tokens: 16, seed: 4 },
      tokenizer: ar.tokenizer,
    },
    () => {},
  );
  const { tokens, steps, proposed, readbackBytes } = done.metrics;
  expect(proposed).toBeGreaterThan(0);
  expect(readbackBytes).toBeLessThanOrEqual(4 * tokens + 64 * steps + 8 * proposed);
  sessions.target.dispose();
  sessions.draft.dispose();
});

it("50 runs of all drafters and verifiers leave memory as it was", async () => {
  const WAYS: Record<string, unknown>[] = [
    ...[
      "model",
      "tree",
      "prompt-lookup",
      "device-lookup",
      "suffix",
      "recycling",
      "trigram",
      "lookahead",
      "early-exit",
    ].map((drafter) => ({ drafter })),
    ...["rejection", "block", "typical", "bild"].map((verifier) => ({ verifier })),
    ...["kseq", "recursive"].map((verifier) => ({ verifier, drafter: "chains" })),
  ];
  const sessions = { target: ar.model.session(), draft: draft.model.session() };
  const write = async (way: Record<string, unknown>, seed: number) => {
    const temperature = way.verifier === "bild" ? 0 : 0.9;
    const done = await generate(
      {
        decoder: findDecoder("speculative"),
        promptIds: ar.tokenizer.promptIds("Tom had a red ball. Tom"),
        ...sessions,
        draftCapabilities: draft.model.capabilities,
        capabilities: ar.model.capabilities,
        options: { ...way, temperature, seed, max_new_tokens: 8 },
        tokenizer: ar.tokenizer,
      },
      () => {},
    );
    expect(done.ids.length).toBeGreaterThan(0);
  };
  for (const [seed, way] of WAYS.entries()) await write(way, seed);
  const held = () => ({ buffers: gpu.arena.bufferCount, bytes: gpu.arena.byteLength });
  const before = held();
  for (let run = 0; run < 50; run++) await write(WAYS[run % WAYS.length], run);
  expect(held()).toEqual(before);
  sessions.target.dispose();
  sessions.draft.dispose();
}, 300_000);

it("a session gives back all that it was asked for: other sessions' places, laws, memory of rows, drafts of texts", async () => {
  const config = (await fileSource("public/models/stories260k").json("config.json")) as Record<string, unknown>;
  const model = (await loadModel(gpu, fileSource("public/models/stories260k"))).model;
  await loadHead(model, randomHead(config, 5).source);
  await loadAdapter(model, randomAdapter(config, 5, { numMasks: 8 }).source);
  const indices = async () => {
    const session = model.session() as WebGpuSession;
    const parts = [
      session.beside(TWIN),
      session.beside(earlyExit(1)),
      session.beside(earlyExit(2)),
      session.beside(EAGLE),
      session.beside(MASK_TOKENS),
    ];
    // What is there is not made anew.
    const again = [
      session.beside(TWIN),
      session.beside(earlyExit(1)),
      session.beside(earlyExit(2)),
      session.beside(EAGLE),
      session.beside(MASK_TOKENS),
    ];
    parts.forEach((part, i) => {
      expect(again[i]).toBe(part);
    });
    for (const on of [session, ...parts.slice(0, 3)]) {
      expect(on.beside(lawsFor(3))).toBe(on.beside(lawsFor(3)));
      expect(on.beside(lawsFor(2))).toBe(on.beside(lawsFor(3)));
      expect(on.beside(TEXT_DRAFTS)).toBe(on.beside(TEXT_DRAFTS));
      on.beside(memoryOf({ keeps: "law" }));
      on.beside(TEXT_DRAFTS);
      await on
        .forward({ tokens: [5, 9], attend: "causal", rows: "last", keep: 2 })
        .ask(ARGMAX)
        .read();
    }
    session.dispose();
    return [session, ...(parts as WebGpuSession[])].map(({ sequence }) => sequence.index).sort((a, b) => a - b);
  };
  const first = await indices();
  expect(new Set(first).size).toBe(6);
  const held = () => [gpu.arena.bufferCount, gpu.arena.byteLength];
  const before = held();
  for (let i = 0; i < 3; i++) expect(await indices()).toEqual(first);
  expect(held()).toEqual(before);
  model.dispose();
});

it("a greedy token takes at most 5 dispatches a layer and 4 more", async () => {
  const session = ar.model.session();
  const dispatchesOf = async (max_new_tokens: number) => {
    const done = await generate(
      {
        decoder: findDecoder("autoregressive"),
        promptIds: ar.tokenizer.promptIds("Once upon a time"),
        target: session,
        capabilities: ar.model.capabilities,
        options: { temperature: 0, max_new_tokens },
        tokenizer: ar.tokenizer,
      },
      () => {},
    );
    return done.metrics.dispatches;
  };
  // Without the prompt's forward, whose rows a real GPU spreads over more dispatches.
  const behind = (await dispatchesOf(8)) - (await dispatchesOf(1));
  expect(behind / 7).toBeLessThanOrEqual(5 * ar.architecture.layers.length + 4);
  expect(behind).toBeGreaterThan(0);
  session.dispose();
});
