import { describe, expect, it } from "vitest";
import { CONFORMANCE_CASES } from "../testing/conformance-cases.js";
import { hashedModels, rehearse } from "../testing/rehearsal.js";
import { Canvas } from "../vocabulary/canvas.js";
import type { Edit, GenerationEvent } from "../vocabulary/events.js";
import { RunView } from "./run-view.js";
import { stepSentence } from "./step-sentence.js";

const CASES = CONFORMANCE_CASES.filter(({ options }) => !options.infill);

/** Tokens that stand in a text, masks in it, drafts in it. */
function standing(edits: readonly Edit[]): { tokens: number; masks: number; drafts: number } {
  const states = Canvas.replay(edits)
    .slots()
    .map(({ state }) => state);
  const count = (...asked: string[]) => states.filter((state) => asked.includes(state)).length;
  return { tokens: count("committed", "tentative"), masks: count("mask"), drafts: count("draft") };
}

/** The number before or behind a word of a sentence; 0 where it isn't there. */
const said = (sentence: string, pattern: RegExp) => Number(pattern.exec(sentence)?.[1] ?? 0);

describe.each(CASES)("the sentences of a run of $name", ({ decoder, kind, options }) => {
  it("account for every token and mask that its text gains or loses", async () => {
    const { events } = await rehearse({
      decoder,
      models: hashedModels(kind),
      promptIds: [0, 3, 4, 1, 2],
      options: { temperature: 0.9, seed: 7, ...options, max_new_tokens: 18 },
    });
    const view = new RunView();
    const sentences = new Map<GenerationEvent, string>();
    view.subscribe((seen) => sentences.set(seen.event, stepSentence(seen)));
    const edits: Edit[] = [];
    for (const event of events) {
      view.add(event);
      if (!("edits" in event)) continue;
      const before = standing(edits);
      edits.push(...event.edits);
      if (event.type !== "step") continue;
      const after = standing(edits);
      const sentence = sentences.get(event) ?? "";
      expect(sentence).toMatch(/^[a-z].*[a-z0-9]$/);
      const gained = said(sentence, /wrote (\d+)/) + said(sentence, /kept (\d+)/) + said(sentence, /filled (\d+)/);
      const lost = said(sentence, /took back (\d+)/) + said(sentence, /masked (\d+)/);
      expect(gained - lost, sentence).toBe(after.tokens - before.tokens);
    }
  });
});
