import { expect, it } from "vitest";
import { promptCanvas } from "./prompt-canvas.js";
import { Transcript } from "./stop.js";

it("a text that ends keeps its end token on the canvas, and not among its ids", () => {
  const canvas = promptCanvas([1, 2]);
  for (const token of [3, 9, 4]) {
    const after = canvas.slots().at(-1)?.id ?? null;
    canvas.apply({ op: "insert", slot: canvas.newSlot(), after, token, state: "committed" });
  }
  const rules = { endTokens: new Set([9]), stopTexts: [], maxNewTokens: 8, maxLength: 64 };
  const transcript = new Transcript(rules, (token) => Uint8Array.of(64 + token));
  expect(transcript.read(canvas, 0)).toEqual({ reason: "stop", length: 4 });
  expect(transcript.ids).toEqual([3]);
});
