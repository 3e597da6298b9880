import { readFileSync } from "node:fs";
import { promptOf, WAYS } from "../src/sudoku-ways.js";
import type { TraceBoard } from "../src/ui/trace/trace.js";

/** What is recorded for the demo page and the gallery, and by which names. */
export interface Recorded {
  /** The file that it is written to, in `public`. */
  file: string;
  prompt: string;
  /** Options of every pane. */
  settings: Readonly<Record<string, number>>;
  panes: readonly {
    name: string;
    label: string;
    decoder: string;
    /** Folders of `public/models`, the one that writes first. */
    models: readonly string[];
    options?: Readonly<Record<string, unknown>>;
    /** What it is asked, where that isn't the prompt as it stands. */
    prompt?: string;
  }[];
  /** What they fill, where that is a board. */
  board?: TraceBoard;
}

const autoregressive = {
  name: "autoregressive",
  label: "Autoregressive",
  decoder: "autoregressive",
  models: ["story-ar"],
};
const speculative = {
  name: "speculative",
  label: "Speculative",
  decoder: "speculative",
  models: ["story-ar", "story-draft"],
};
const diffusion = { name: "diffusion", label: "Diffusion", decoder: "block-diffusion", models: ["story-diffusion"] };

/** The three panes that the demo page opens on; its prompt, temperature and seed are those of index.html. */
export const OPENING = {
  file: "recorded.json",
  panes: [autoregressive, diffusion, speculative],
  numTokens: 48,
};

/** The puzzle of the gallery: the first of those that neither model was shown in training. */
const [[clues, solution]] = JSON.parse(
  readFileSync(new URL("../public/models/sudoku-diffusion/puzzles.json", import.meta.url), "utf8"),
) as [clues: string, solution: string][];

/** The traces of docs/gallery.md. */
export const GALLERY: readonly Recorded[] = [
  {
    file: "traces/repetition.json",
    prompt: "The fox looked at the moon and said,",
    settings: { temperature: 0, seed: 7, max_new_tokens: 32 },
    panes: [
      autoregressive,
      {
        ...{ name: "suffix", label: "Speculative by the text before", decoder: "speculative", models: ["story-ar"] },
        options: { drafter: "suffix" },
      },
    ],
  },
  {
    file: "traces/tree.json",
    prompt: "One rainy morning Tom found a small blue box",
    settings: { temperature: 0.7, seed: 3, max_new_tokens: 24 },
    panes: [
      { ...speculative, name: "chain", label: "One chain of drafts" },
      { ...speculative, name: "tree", label: "A tree of drafts", options: { drafter: "tree" } },
    ],
  },
  {
    file: "traces/hole.json",
    prompt: "Once upon a time, a <mask:12> and was happy.",
    settings: { temperature: 0, seed: 7 },
    panes: [
      { ...diffusion, name: "surest", label: "The surest mask alone", options: { infill: true, threshold: 1 } },
      { ...diffusion, name: "sure", label: "All that are sure", options: { infill: true, threshold: 0.3 } },
    ],
  },
  {
    file: "traces/loops.json",
    prompt: "The fox looked at the moon and said,",
    settings: { temperature: 0, seed: 7, max_new_tokens: 40 },
    panes: [autoregressive, { ...autoregressive, name: "contrastive", label: "Contrastive", decoder: "contrastive" }],
  },
  {
    file: "traces/lists.json",
    prompt: "Tom has<set> a cat,<|> a big dog,<|> a red ball,<|> a box,</set> and one day",
    settings: { temperature: 0, seed: 7, max_new_tokens: 32 },
    panes: [{ name: "lists", label: "Lists in no order", decoder: "set-based", models: ["story-ar"] }],
  },
  {
    file: "traces/sudoku.json",
    prompt: clues,
    settings: {},
    // The four orders; the rest of the Sudoku page is about caches.
    panes: WAYS.slice(0, 4).map((way) => ({
      ...{ name: way.name, label: way.name, decoder: String(way.options(0).decoder ?? "autoregressive") },
      ...{ models: [way.model], prompt: promptOf(way, clues) },
      options: Object.fromEntries(Object.entries(way.options(0)).filter(([name]) => name !== "decoder")),
    })),
    board: { columns: 4, clues, solution },
  },
];
