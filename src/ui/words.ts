import { html, type TemplateResult } from "lit";

/** What the panes' words mean, for someone who meets them first. */
const WORDS: readonly [word: string, meaning: string][] = [
  ["token", "A piece of a word: what a model reads and writes."],
  [
    "forward pass",
    "One run of the model over some tokens. Most of the time goes there, so fewer passes are faster on a GPU.",
  ],
  ["mask", "A place whose token isn’t known yet. Diffusion begins with masks and fills the surest ones first."],
  ["committed", "A token that stays. Commits a step: how many of them a step of the decoder adds."],
  [
    "draft",
    "A cheap guess at the next tokens. The model verifies several in one forward pass, and keeps those that it agrees with.",
  ],
  ["exact", "The text is drawn from the model’s own law: as likely as if one token were drawn after the other."],
  ["identical", "More than that: token for token the autoregressive text of the same seed."],
  ["distribution", "Drawn from the model’s own law too, but with other draws, so that it is another text."],
  ["approximate", "Near the model’s law, not equal to it: speed is bought with it. The sentence in the pane says why."],
];

/** The words, folded. */
export function renderWords(): TemplateResult {
  return html`<details class="more words" part="words">
    <summary>What the words mean</summary>
    <dl>${WORDS.map(([word, meaning]) => html`<div><dt>${word}</dt><dd>${meaning}</dd></div>`)}</dl>
  </details>`;
}
