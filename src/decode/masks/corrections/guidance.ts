import { TWIN } from "../../../extension/twin/key.js";
import { because, type Correction } from "./correction.js";
import { besideOf } from "../../companion.js";
import type { Canvas } from "../../../vocabulary/canvas.js";
import { invariant } from "../../../vocabulary/errors.js";
import type { TokenId } from "../../../vocabulary/events.js";
import type { Rows } from "../../../seam/rows.js";
import type { Session } from "../../../seam/session.js";
import type { Run } from "../../decoder.js";
import { numberOption, type OptionTable, type OptionValues } from "../../options.js";

/** The option of `guidanceOf`. */
const GUIDANCE_OPTIONS = {
  cfg_scale: {
    type: "number",
    label: "By the prompt (CFG)",
    doc: "w of classifier-free guidance: logits behind the prompt count 1+w, those behind a masked prompt -w; doubles the forwards; 0: off",
    default: 0,
    min: 0,
    max: 20,
  },
} as const satisfies OptionTable;

/** Whether the options ask for guidance. */
function asksGuidance({ cfg_scale }: OptionValues): boolean {
  return Number(cfg_scale) > 0;
}

/** Classifier-free guidance, as a row of a decoder's corrections. */
export const guidance: Correction = {
  option: "cfg_scale",
  group: "Guidance",
  options: GUIDANCE_OPTIONS,
  asks: asksGuidance,
  conflicts: ["energy_candidates", "cache"],
  asked: ["blend"],
  beside: { guide: { key: TWIN } },
  claim: because("guidance moves the law of each token away from that behind a masked prompt"),
};

/** Classifier-free guidance of a run; null without it. */
export function guidanceOf({ beside, options, capabilities, canvas }: Run): Guidance | null {
  if (!asksGuidance(options)) return null;
  invariant(capabilities.maskToken !== null, "guidance reads a masked prompt");
  return new Guidance(
    besideOf(beside, "guide").session,
    numberOption(options, "cfg_scale"),
    capabilities.maskToken,
    canvas,
  );
}

/**
 * Classifier-free guidance as masked diffusion models have it (LLaDA, arXiv 2502.09992): p(x | prompt)^(1+w) / p(x)^w, where the
 * text without its prompt is the one with masks in its place. Its forwards are those of the decoder, on a session of their own.
 */
export class Guidance {
  constructor(
    private readonly session: Session,
    private readonly scale: number,
    private readonly mask: TokenId,
    private readonly canvas: Canvas,
  ) {}

  /** Mixes in what `read` finds with these tokens but the prompt's, which begin at position 0. */
  guide(rows: Rows, tokens: readonly TokenId[], read: (session: Session, tokens: readonly TokenId[]) => Rows): void {
    const slots = this.canvas.slots();
    const unprompted = tokens.map((token, i) => (slots[i]?.state === "prompt" ? this.mask : token));
    rows.blend(read(this.session, unprompted), -this.scale);
  }
}
