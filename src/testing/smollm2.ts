import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fileSource } from "../format/file-source.js";
import { ggufSource } from "../format/gguf-source.js";
import type { ModelSource } from "../format/source.js";
import type { Model } from "../seam/model.js";
import { ARGMAX } from "../seam/questions/sample.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import { IS_WHOLE } from "./test-depth.js";

interface Case {
  prompt: string;
  chat: boolean;
  prompt_ids: number[];
  top_ids: number[];
  top_logits: number[];
  greedy: number[];
  margins: number[];
}

const { file, cases, tolerance } = JSON.parse(readFileSync("tests/fixtures/gguf/smollm2-q4_1.json", "utf8")) as {
  file: string;
  cases: Case[];
  tolerance: number;
};
const FOLDER = ".cache/smollm2";

/** Whether SmolLM2-135M-Instruct is here (`npm run smollm2`). */
export const HAS_SMOLLM2 = existsSync(`${FOLDER}/${file}`);

/** Why tests of it are skipped without it. */
export const NO_SMOLLM2 = HAS_SMOLLM2 ? "" : " (skipped: npm run smollm2 fetches it)";

/** Its GGUF file. */
export const smollm2 = () => ggufSource(fileSource(FOLDER), file);

/** Below this the two likeliest may change places by rounding. */
const LEAST_MARGIN = 0.02;

/** Tests that the real model's text, prompts and logits are transformers' on a device, whose arithmetic is float32 as ours. */
export function smollm2Suite(load: (source: ModelSource) => Promise<{ model: Model; tokenizer: Tokenizer }>): void {
  test.skipIf(!HAS_SMOLLM2)(
    `SmolLM2-135M-Instruct out of its GGUF file writes what transformers writes${NO_SMOLLM2}`,
    async () => {
      const { model, tokenizer } = await load(smollm2());
      try {
        for (const { prompt, chat, prompt_ids: ids, top_ids, top_logits, greedy, margins } of IS_WHOLE
          ? cases
          : cases.slice(0, 1)) {
          const said = chat ? await tokenizer.readChat({ messages: [{ role: "user", content: prompt }] }) : null;
          expect(said ? tokenizer.encode(said.text) : tokenizer.promptIds(prompt)).toEqual(ids);
          const session = model.session();
          const logits = await session.forward({ tokens: ids, attend: "causal", rows: "last", keep: 0 }).logits();
          for (const [i, id] of top_ids.entries()) expect(Math.abs(logits[id] - top_logits[i])).toBeLessThan(tolerance);
          const close = margins.findIndex((margin) => margin < LEAST_MARGIN);
          const numSure = close < 0 ? greedy.length : close;
          const wanted = greedy.slice(0, IS_WHOLE ? numSure : Math.min(numSure, 3));
          let next = session.forward({ tokens: ids, attend: "causal", rows: "last", keep: ids.length }).ask(ARGMAX);
          const tokens: number[] = [];
          for (;;) {
            tokens.push((await next.read())[0].token);
            if (tokens.length === wanted.length) break;
            next = session.forward({ tokens: [next.ref(0)], attend: "causal", rows: "last", keep: 1 }).ask(ARGMAX);
          }
          expect(tokens).toEqual(wanted);
          session.dispose();
        }
      } finally {
        model.dispose();
      }
    },
  );
}
