import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "@playwright/test";
import { root } from "./installed-package.js";

/**
 * Most bytes of each file of the package that a page loads, as a server sends it (gzip -9): about 1 % above those of 2026-11-30, with five
 * model families, recovery of a lost device, four more decoders, any decoder in any pane, and the model backend on ONNX Runtime.
 */
const BUDGETS: Record<string, number> = {
  index: 770,
  /** What `index` and `transformers` share. */
  load: 2_130,
  decoders: 200,
  transformers: 4_950,
  define: 250,
  element: 250,
  /**
   * The page's side of the protocol; 3,853 at 9c5496a, with `errors` and `remote`. 0.4 kB (2,540 before) are for addresses: a hub's or a
   * folder's is told apart, and what no page can load from is refused, as it is written. 0.1 kB count calls and runs, for the worker's end;
   * 70 bytes a quantisation behind an id (`owner/name:Q4_K_M`), and a blank.
   */
  client: 3_210,
  /** Calls over the worker's border (comlink), fetched beside the worker, and its end where no model is left (1,830 before). */
  remote: 2_090,
  /** Both elements, lit apart; together 30,070 before. 350 are for parts that are loaded later: where they stand, and when; 2 kB for one to six panes, and what is done with their list;
   * 2 kB for a recording that plays, its sentences, and the words of a step below each pane; 0.6 kB hear what points at a token. */
  "generate-element": 31_300,
  /** lit, in a file that is called by the smallest part of it: what counts with a noun. */
  counted: 6_000,
  /** Rounds with drafts, orders of sets, and figures of the panel "This device": loaded when they are first shown. */
  "rounds-panel": 2_980,
  orders: 1_510,
  "device-view": 2_090,
  /** The row that has a part of the prompt written anew: loaded with its example. */
  "edit-text": 1_650,
  /** The sentence under the panes: loaded when all have ended. */
  summary: 1_370,
  /** Charts, 22 kB of it uPlot: loaded when they are opened; 0.7 kB ask for entropies, by a token's history, which the inspector has as well. */
  charts: 30_800,
  "token-history": 980,
  /** The choice of a method, and the cards of all 54 with their figures: loaded when it is first opened; 3,557 and 6,888 at first. */
  picker: 3_700,
  "method-list": 6_960,
  /** What is said on screen: with the elements (1.6 kB of it were in `device-menu`, the rest beside what says it), and in parts that are loaded later. */
  first: 2_700,
  late: 3_800,
  /** A run's slots, as streamers and charts follow them; in `transformers` before. */
  canvas: 1_130,
  /** Several turns with a model, and what writes chats out (with @huggingface/jinja): loaded with the first chat. */
  conversation: 530,
  "text-chat": 15_450,
  /** Option tables; the elements load them beside. */
  "decoder-list": 8_300,
  /**
   * What a page's address holds and what of it was left out, and a recorded run: loaded where they are asked for. 0.25 kB of it tell which of its
   * two forms an address has, an empty field from one that isn't set, and hold hostile ones short.
   */
  address: 1_485,
  /** What packs a long address: loaded when there is one; the same folds a trace for a link. */
  "packed-address": 510,
  folded: 420,
  /** A recorded run, 0.1 kB of which find its first token. */
  recording: 1_000,
  /** The clock of whatever is played again: a recorded race, the timeline (3,250 with it before), a trace; 0.1 kB have it rest behind frames that take long. */
  playback: 1_660,
  /** That a file is a trace: read before what checks all of it. */
  head: 580,
  /** What saves, links, copies and opens a race, with the reader of traces and what plays them: loaded when it is opened; 1.1 kB of it draw boards. */
  share: 13_400,
  /** What keeps finished races (idb-keyval): loaded once a race has ended, where the page keeps them. */
  keep: 3_210,
  /** `<triptych-replay>` alone, with lit and the reader of traces: 25,000 at most. 0.7 kB of it are the timeline's clock in place of one of its own, 0.2 kB the looks in forced colours,
   * 0.2 kB drafts that stay struck out and in order, 0.9 kB boards of cells, 0.1 kB rest between frames that take long, 0.1 kB marks in place of drafts. */
  replay: 22_650,
  /**
   * The runtime's part on ONNX Runtime, loaded when a model asks for such a device; 8 kB of it read graphs that others exported, and 12 kB
   * (48,400 before) all families of models, packed weights and blocks: sites serve it as one file, so nothing of it comes later.
   */
  onnx: 61_800,
  /**
   * The worker inside the package (125,719 at 9c5496a, in one file with all decoders); and as a file (125,784). 5 kB over 115,000 since every first
   * load goes through them: weights that are read in parts and laid out as they come, and caches of keys and values in other formats. 0.9 kB
   * of it wait for a silent server no longer than 30 seconds, and go on from the byte that was reached.
   */
  "page-worker": 122_600,
  /** It imports the core, which nothing renames. */
  worker: 200,
  "worker-core": 120_400,
  /** What the worker fetches beside the first weights, or when a run names it; `worker-*.js` are the same texts as files. */
  "text-filling-masks": 16_650,
  "text-speculative": 16_500,
  "text-contrastive": 1_420,
  "text-momentum": 1_030,
  "text-heads": 5_200,
  /** 0.7 kB of it tell the time of each kernel. */
  "text-measuring": 4_140,
  /** 2.3 kB of it tell patterns with which a search could last for ever, of tokenizers and of LoRA adapters. */
  "text-shared": 3_340,
  "text-set-based": 400,
  /** Where a model leaves the choice of its device: whether it is an ONNX graph. */
  "text-graph": 790,
  /** Weights that are packed, and blocks of weights: where a file has some. */
  "text-packed": 4_400,
  /** Families and rotations that none of the package's own models has: with the first config that names one. */
  "text-families": 6_250,
  "text-dit-fold": 1_320,
  /** Parts of tokenizers that none of the package's own models has: with the first tokenizer that has one. */
  "text-tokenizers": 5_400,
  /** An LM head beside an embedding that the config says it is; a LoRA adapter. */
  "text-own-head": 530,
  "text-lora": 2_650,
  /** A GGUF file: header, config, tokenizer, names of tensors. */
  "text-gguf": 11_100,
  /** What a model takes by its shape: where there is no memory for it. */
  "text-memory": 1_300,
  /**
   * In place of all these where a page's policy allows workers from blob: URLs but no scripts: whatever is a file above is in it, 64 kB
   * of it (160,800 before) models of hubs, GGUF, chats with their template engine, packed weights and families.
   */
  /** 1 kB of it are laws of tokens, and 2 kB downloads that go on and say why they can't. */
  "text-whole": 236_800,
  /** Presets of models, ways to read a diffusion model, and the comparison of vocabularies: where they are asked for. */
  presets: 1_260,
  "reading-offers": 380,
  "text-vocabularies": 690,
  /** Models of hubs and other origins: calls about them, and what the worker fetches with the first one (addresses, downloads, the store, hashes). */
  "stored-models": 1_020,
  outside: 490,
  /** 1.3 kB of it wait for silent servers, and keep records where storage ends. */
  "text-models": 18_000,
  "text-page-models": 190,
  /** Figures and words that the elements and their summary share. */
  figures: 800,
  /** In `generate-element` before; what shares a race asks which options are as they would be anyway. */
  "default-panes": 255,
  /** The card of a token, with what the worker reads its law by, and the timeline of a race: loaded when a token is pointed at, and when a race has ended. */
  inspector: 4_800,
  timeline: 2_000,
  "text-law": 2_300,
  /** The guided tour with what it says: loaded when it is begun. */
  tour: 4_500,
  /** What the elements share with panels that come later: the menu of devices with what it imports, and lit's references. */
  "device-menu": 3_300,
  ref: 1_420,
  live: 870,
  /** Any other file: names of devices, and the bundler's own lines. */
  others: 650,
  errors: 770,
};

test("the files that a page loads are no larger than their budgets", () => {
  const folder = path.join(root, "dist");
  const files = readdirSync(folder).filter((file) => /\.js$/.test(file) && !/^(cli\.js|worker-(?!core).*)$/.test(file));
  const sizes: Record<string, number> = {};
  for (const file of files) {
    const own = file.replace(/(-[\w-]{8})?\.js$/, "");
    const name = own in BUDGETS ? own : "others";
    sizes[name] = (sizes[name] ?? 0) + gzipSync(readFileSync(path.join(folder, file)), { level: 9 }).length;
  }
  console.log(JSON.stringify(sizes));
  for (const [name, budget] of Object.entries(BUDGETS)) expect(sizes[name] ?? 0, name).toBeLessThanOrEqual(budget);
  for (const name of [
    "index",
    "client",
    "generate-element",
    "page-worker",
    "worker",
    "worker-core",
    "text-speculative",
  ])
    expect(sizes[name], name).toBeGreaterThan(0);
});

test("what a worker fetches later imports from no file that a page may have under another address", () => {
  const folder = path.join(root, "dist");
  const files = readdirSync(folder).filter((file) => /^worker-.*\.js$/.test(file));
  expect(files.length).toBeGreaterThan(8);
  for (const file of files) {
    const imports = readFileSync(path.join(folder, file), "utf8").matchAll(/(?:from|import\(?)\s*["'`](\.[^"'`]+)/g);
    for (const [, name] of imports) expect(name, file).toMatch(/^\.\/worker-[\w-]+\.js$/);
  }
});
