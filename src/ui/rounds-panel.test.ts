// @vitest-environment happy-dom
import { render } from "lit";
import { expect, it } from "vitest";
import { autoregressive } from "../decode/autoregressive/decoder.js";
import type { Decoder } from "../decode/decoder.js";
import { hashedModels, rehearse } from "../testing/rehearsal.js";
import { speculative } from "../decode/speculative/decoder.js";
import { Rounds } from "./rounds.js";
import { RunView } from "./run-view.js";
import { renderRounds } from "./rounds-panel.js";

const MAX_NEW_TOKENS = 24;
const SPEED = { tokensPerSecond: 30, plainTokensPerSecond: 20, measuredCosts: null, costsHint: "measure" };
const adaptive = (costs: Record<string, number>) => ({
  drafter: "suffix",
  num_assistant_tokens_schedule: "adaptive",
  forward_costs: costs,
  // Hashed texts repeat nothing: what is drafted is a corpus.
  corpus: [1, 2, 3, 4, 5, 6, 7, 8],
});

/** What the panel shows of a run, by the names of its figures; null without a panel. */
async function shown(decoder: Decoder, options: Record<string, unknown>, isWhole = true) {
  const { events } = await rehearse({
    decoder,
    models: hashedModels("causal"),
    promptIds: [1, 2, 3],
    options: { max_new_tokens: MAX_NEW_TOKENS, ...options },
  });
  const rounds = new Rounds();
  const run = new RunView();
  run.subscribe((seen) => rounds.add(seen));
  for (const event of isWhole ? events : events.slice(0, 1)) run.add(event);
  const place = document.createElement("div");
  if (!rounds.drafting) return null;
  render(renderRounds(rounds, SPEED), place);
  const figure = (name: string) => place.querySelector(`[data-figure="${name}"] dd`)?.textContent;
  return {
    summary: place.querySelector("summary .count")?.textContent,
    hasTree: place.querySelector(".draft-tree") !== null,
    numTables: place.querySelectorAll("table").length,
    figures: [figure("speed-up"), figure("predicted-speed-up"), figure("draft-share")],
  };
}

it("a run whose costs forbid drafts has its figures too: it was plain decoding", async () => {
  expect(await shown(speculative, adaptive({ 1: 1, 8: 99 }))).toEqual({
    summary: "0 with drafts: by the measured costs plain steps are faster here",
    hasTree: false,
    numTables: 0,
    figures: ["1.5 ×", "1 ×", "0 / 100 %"],
  });
});

it("a run that drafted shows its rounds; one that asked for none or found none says so", async () => {
  expect(await shown(speculative, adaptive({ 1: 1, 8: 1 }))).toMatchObject({ hasTree: true, numTables: 2 });
  expect(await shown(speculative, { num_assistant_tokens: 0 })).toMatchObject({
    summary: "0 with drafts: none were asked for",
    figures: ["1.5 ×", "–", "–"],
  });
  expect(await shown(speculative, { drafter: "suffix", min_suffix_length: 40 })).toMatchObject({
    summary: "0 with drafts: the drafter found none",
  });
});

it("a run that has begun says no reason yet, and neither does one that ended with its first token", async () => {
  const summary = "0 with drafts";
  expect(await shown(speculative, adaptive({ 1: 1, 8: 99 }), false)).toMatchObject({ summary });
  expect(await shown(speculative, { ...adaptive({ 1: 1, 8: 99 }), max_new_tokens: 1 })).toMatchObject({ summary });
});

it("a decoder that drafts nothing has no rounds", async () => {
  expect(await shown(autoregressive, {})).toBeNull();
});
