import type { Capabilities } from "../../seam/capabilities.js";
import { Canvas } from "../../vocabulary/canvas.js";
import { InvalidOptionError } from "../../vocabulary/errors.js";
import type { TokenId } from "../../vocabulary/events.js";
import { inCanonicalOrder, type SetRows } from "../../vocabulary/prompt.js";
import { checkId, type OptionValues } from "../options.js";
import { counted } from "../../vocabulary/counted.js";

/** A canvas that holds a prompt; ids that are `maskToken` are holes. Segments of its sets stand in their canonical order. */
export function promptCanvas(
  ids: readonly TokenId[],
  maskToken: TokenId | null = null,
  sets: readonly SetRows[] = [],
): Canvas {
  const prompt = inCanonicalOrder(ids, sets);
  const canvas = new Canvas(prompt.sets);
  for (const token of prompt.ids) {
    const after = canvas.slots().at(-1)?.id ?? null;
    const slot = canvas.newSlot();
    if (token === maskToken) canvas.apply({ op: "insert", slot, after, token: null, state: "mask" });
    else canvas.apply({ op: "insert", slot, after, token, state: "prompt" });
  }
  return canvas;
}

/** Refuses a canvas that no run on this model begins with, or that the options can't go on from. */
export function checkPrompt(canvas: Canvas, capabilities: Capabilities, options: OptionValues): void {
  checkTokens(canvas, capabilities);
  if (options.infill === true) checkHoles(canvas, options);
  else checkNoMask(canvas, capabilities);
}

function checkTokens(canvas: Canvas, { vocabSize, maxLength }: Capabilities): void {
  const { promptLength } = canvas;
  if (canvas.length === 0)
    throw new InvalidOptionError("The prompt is empty. Give at least one token.", "empty_prompt");
  const isOpen = canvas.slots().some(({ state }) => state !== "prompt");
  const numMasks = canvas.length - canvas.numFilled;
  if (numMasks > 0 && canvas.length > maxLength) {
    throw new InvalidOptionError(
      `The prompt and its holes have ${counted(canvas.length, "token")}, ${numMasks} of them in holes; this model reads at most ${maxLength}. Shorten them, or load the model with more context (--context), if it has it.`,
      "prompt_too_long",
    );
  }
  if ((promptLength > maxLength - 1 && !isOpen) || canvas.length > maxLength) {
    throw new InvalidOptionError(
      `The prompt has ${counted(promptLength, "token")}; this model reads at most ${maxLength - 1} and writes at least one. Shorten it, or load the model with more context (--context), if it has it.`,
      "prompt_too_long",
    );
  }
  canvas.slots().forEach(({ token, state }, index) => {
    if (token !== null) checkId(token, vocabSize, `${state} token ${index}`);
  });
}

/** Infilling needs holes, no more than may be written; what ends a text early has no place between texts. */
function checkHoles(canvas: Canvas, { max_new_tokens, stop }: OptionValues): void {
  const numHoles = canvas.slots().filter(({ state }) => state !== "prompt").length;
  if (numHoles === 0) {
    throw new InvalidOptionError(
      "infill needs a hole in the prompt: write <mask:8> where eight tokens are to be filled in (among ids: the mask id).",
      "no_hole",
    );
  }
  if (numHoles > Number(max_new_tokens)) {
    throw new InvalidOptionError(
      `The prompt's holes have ${counted(numHoles, "token")}, more than max_new_tokens ${String(max_new_tokens)}.`,
    );
  }
  if (Array.isArray(stop) && stop.length > 0) {
    throw new InvalidOptionError("stop ends a text early, which infill can't: leave one of them out.");
  }
}

function checkNoMask(canvas: Canvas, { maskToken }: Capabilities): void {
  const at = canvas.slots().findIndex(({ token }) => token !== null && token === maskToken);
  if (at < 0) return;
  throw new InvalidOptionError(
    `Prompt token ${at} is the mask id ${maskToken}: leave it out, or give infill: true to have it filled in.`,
    "mask_in_prompt",
  );
}
