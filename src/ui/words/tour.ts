// What the guided tour says: fetched when it is begun.
import { counted } from "../../vocabulary/counted.js";
import type { Fidelity } from "../../vocabulary/events.js";
import { formatMs } from "../figures.js";

/** What wrote a text, by its relation to the law that it is drawn from. */
const FIDELITY_SENTENCES: Readonly<Record<Fidelity, string>> = {
  exact: "drawn exactly from its model’s law, one token after the other",
  identical: "the very text that its large model writes alone, token for token",
  distribution: "drawn from its model’s law too, but another text",
  approximate: "near its model’s own law, not equal to it",
};

const NUMBERS = ["no", "one", "two", "three", "four", "five", "six"];
/** A run that the tour names by one of its steps. */
type OfPane<T> = (T & { label: string }) | null;
/** A run by both clocks. */
type ByClocks = { label: string; forwards: number; ownMs: number };

/** The guided tour. */
export const tourWords = {
  name: "Guided tour",
  place: (step: number, last: number) => `Step ${step} of ${last}`,
  back: "Back",
  next: "Next",
  finish: "Finish",
  leave: "End the tour",
  run: "Run it on your machine",
  keys: "← and → go through the steps, Esc ends the tour.",
  prompt: (panes: number) => ({
    title: panes === 1 ? "One prompt" : `One prompt, ${NUMBERS[panes] ?? panes} ways to write on`,
    sentence:
      panes === 1
        ? "The pane writes on from this prompt, and has just written its first words."
        : "All panes write on from the same prompt. Here each of them has just written its first words.",
  }),
  oneByOne: (found: OfPane<{ tokens: number; forwards: number }>) => ({
    title: "One forward pass, one token",
    sentence: found
      ? `${found.label} writes from left to right. A token is a piece of a word, and each costs one forward pass of the model: here it has written ${counted(found.tokens, "token")} with ${counted(found.forwards, "pass", "passes")}.`
      : "No pane of this race writes one token after the other. Autoregressive decoding does: each token, a piece of a word, costs it one forward pass of the model.",
  }),
  masks: (found: OfPane<{ filled: number; isOutOfOrder: boolean }>) => ({
    title: "Masks, filled in any order",
    sentence: found
      ? `${found.label} puts masks where tokens will stand, and fills the surest first. This forward pass filled ${found.filled === 1 ? "one of them" : `${found.filled} of them at once`}${found.isOutOfOrder ? ", and left a mask open before it" : ""}.`
      : "No pane of this race fills masks. Diffusion would: it puts masks where tokens will stand, and one forward pass may fill several of them, in any order.",
  }),
  drafts: (found: OfPane<{ kept: number; rejected: number; byModel: boolean }>) => ({
    title: "Draft, then check",
    sentence: found
      ? `${found.label}: ${found.byModel ? "a cheaper model" : "a look-up without a model"} drafted ${counted(found.kept + found.rejected, "token")}, and the large model checked all of them in one forward pass. It ${found.rejected > 0 ? `kept ${found.kept} and rejected ${found.rejected}, struck out in the text` : `kept all ${found.kept}`}.`
      : "No pane of this race drafts. Speculative decoding would: something cheap guesses the next tokens, and the model checks all of them in one forward pass.",
  }),
  clocks: (found: { plain: ByClocks; fewest: ByClocks } | null) => ({
    title: "Two clocks",
    sentence: found
      ? `${found.fewest.label} took ${found.fewest.forwards} forward passes where ${found.plain.label} took ${found.plain.forwards}, and ${formatMs(found.fewest.ownMs)} where that took ${formatMs(found.plain.ownMs)}. Fewer passes aren’t always less time: one that reads several tokens costs more than one that reads a single token, on a CPU far more, and drafts cost time as well.`
      : "One clock counts time, the other forward passes of the main model. Fewer passes aren’t always less time: one that reads several tokens costs more than one that reads a single token, on a CPU far more.",
  }),
  texts: (panes: readonly { label: string; fidelity: Fidelity }[], isRecorded: boolean) => ({
    title: "Whose text it is",
    sentence: `A label in each pane says it. ${panes.map(({ label, fidelity }) => `${label}: ${FIDELITY_SENTENCES[fidelity]}`).join("; ")}.${isRecorded ? " All this was a recording: on your machine the models write anew." : ""}`,
  }),
};
