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
    options?: Readonly<Record<string, string | number | boolean>>;
  }[];
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
];
