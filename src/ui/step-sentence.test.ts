import { describe, expect, it } from "vitest";
import type { Edit, StepEvent } from "../vocabulary/events.js";
import { RunView } from "./run-view.js";
import { stepSentence } from "./step-sentence.js";

/** The sentence of the last of these steps. */
function sentenceOf(...steps: Edit[][]): string {
  const view = new RunView();
  const sentences: string[] = [];
  view.subscribe((seen) => sentences.push(stepSentence(seen)));
  for (const edits of steps) view.add({ type: "step", edits } as unknown as StepEvent);
  return sentences.at(-1) ?? "";
}

const insert = (slot: number, state: "mask" | "draft" | "committed" | "tentative"): Edit => ({
  op: "insert",
  slot,
  after: null,
  token: state === "mask" ? null : 1,
  state,
});
const write = (slot: number, state: "mask" | "draft" | "committed" | "tentative"): Edit => ({
  op: "write",
  slot,
  token: state === "mask" ? null : 2,
  state,
});
const remove = (slot: number): Edit => ({ op: "delete", slot });

describe("the sentence of a step", () => {
  it.each<[string, Edit[][]]>([
    ["wrote 1 token", [[insert(1, "committed")]]],
    [
      "drafted 4, kept 3, wrote 1 itself",
      [
        [
          ...[1, 2, 3, 4].map((slot) => insert(slot, "draft")),
          ...[1, 2, 3].map((slot) => write(slot, "committed")),
          remove(4),
          insert(5, "committed"),
        ],
      ],
    ],
    [
      "drafted 2, kept 0, wrote 1 itself",
      [[insert(1, "draft"), insert(2, "draft"), remove(1), remove(2), insert(3, "committed")]],
    ],
    ["drafted 2, not judged yet", [[insert(1, "draft"), insert(2, "draft")]]],
    [
      "kept 1 of 2 drafts",
      [
        [insert(1, "draft"), insert(2, "draft")],
        [write(1, "committed"), write(2, "mask")],
      ],
    ],
    [
      "opened 3 masks, filled 2 of them",
      [[...[1, 2, 3].map((slot) => insert(slot, "mask")), write(2, "committed"), write(3, "tentative")]],
    ],
    [
      "filled 1 mask, masked 1 token again",
      [
        [insert(1, "mask"), insert(2, "mask"), write(1, "tentative")],
        [write(1, "mask"), write(2, "tentative")],
      ],
    ],
    ["changed 1 token it had written", [[insert(1, "committed")], [write(1, "committed")]]],
    ["settled 1 token", [[insert(1, "mask"), write(1, "tentative")], [write(1, "committed")]]],
    [
      "took back 1 token, closed 1 mask",
      [
        [insert(1, "committed"), insert(2, "mask")],
        [remove(1), remove(2)],
      ],
    ],
    ["read on, wrote nothing", [[]]],
  ])("is %j", (words, steps) => expect(sentenceOf(...steps)).toBe(words));
});
