import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { hashedModels, rehearse } from "../rehearsal.js";
import { autoregressive } from "../../decode/autoregressive/decoder.js";
import bestOfDraws from "./decoder.js";

const write = (decoder: typeof bestOfDraws, options: Record<string, unknown>) =>
  rehearse({
    decoder,
    models: hashedModels("causal"),
    promptIds: [0, 3, 4],
    options: { temperature: 0.9, seed: 7, max_new_tokens: 16, ...options },
  });

describe("the decoder of docs/guides/write-a-decoder.md", () => {
  it("is this one, line by line", () => {
    const guide = readFileSync(path.join(import.meta.dirname, "../../../docs/guides/write-a-decoder.md"), "utf8");
    const [, shown] = /```ts\n([\s\S]*?)```/.exec(guide) ?? [];
    const here = readFileSync(path.join(import.meta.dirname, "decoder.ts"), "utf8");
    expect(shown).toBe(here.replaceAll("../../decode/", "../"));
    expect(shown.trim().split("\n").length).toBeLessThanOrEqual(40);
  });

  it("writes autoregressive text with one draw, and likelier tokens with more", async () => {
    const [plain, one, five] = await Promise.all([
      write(autoregressive, {}),
      write(bestOfDraws, { draws: 1 }),
      write(bestOfDraws, { draws: 5 }),
    ]);
    expect(one.done.ids).toEqual(plain.done.ids);
    const first = ({ canvas }: typeof plain) => canvas.completion()[0].logprob ?? Number.NaN;
    expect(first(five)).toBeGreaterThan(first(plain));
    expect(five.done.metrics.forwards).toBe(16);
  });
});
