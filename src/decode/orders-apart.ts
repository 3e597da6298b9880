import type { Model } from "../seam/model.js";
import { divergence } from "../sampling/measure.js";
import { readPrompt } from "../tokenizer/prompt.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import type { PlainPrompt } from "../vocabulary/prompt.js";
import { promptCanvas } from "./engine/prompt-canvas.js";
import { readSets } from "./read-sets.js";

/** How far two orders of a prompt are apart: nats between the laws of the next token behind them (`divergenceNats`). */
export interface OrdersApart {
  /** With its sets read as sets. */
  setBased: number;
  /** With the same tokens read as plain text. */
  ordinary: number;
}

/** Reads both prompts in both ways on a session of its own. */
export async function ordersApart(
  model: Model,
  tokenizer: Pick<Tokenizer, "encode" | "promptIds">,
  prompts: readonly [PlainPrompt, PlainPrompt],
): Promise<OrdersApart> {
  const session = model.session();
  try {
    await session.settle();
    const logitsOf = (prompt: PlainPrompt, asSets: boolean): Promise<Float32Array> => {
      const { ids, sets } = readPrompt(tokenizer, prompt, { isInfill: false, maskToken: null, readsSets: true });
      const canvas = promptCanvas(ids, null, asSets ? sets : []);
      session.truncate(0);
      readSets(session, canvas);
      const tokens = canvas.ids().slice(session.length);
      return session.forward({ tokens, attend: "causal", rows: "last", keep: tokens.length }).logits();
    };
    const apart = async (asSets: boolean) => {
      const [one, other] = [await logitsOf(prompts[0], asSets), await logitsOf(prompts[1], asSets)];
      return divergence(one, other, []);
    };
    return { setBased: await apart(true), ordinary: await apart(false) };
  } finally {
    session.dispose();
  }
}
