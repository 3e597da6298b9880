import { earlyExit as layersOf } from "../../../extension/early-exit/key.js";
import { InvalidOptionError } from "../../../vocabulary/errors.js";
import { scheduleAsks } from "../schedules/schedule.js";
import { judgeAsks } from "../verifiers/judge.js";
import { sessionRounds } from "./model.js";
import type { DraftSource } from "./source.js";

/**
 * The target drafts for itself, by the final norm and LM head behind a few of its first layers (LayerSkip, arXiv 2404.16710,
 * for models trained to end early; others are seldom right so soon). Keys and values of these layers are kept twice and
 * verification runs them again, where LayerSkip reuses them.
 */
export const earlyExit: DraftSource = {
  name: "early-exit",
  label: "Early exit",
  summary: "The target's own first layers write a chain",
  isChain: true,
  draws: "chain",
  numTokens: 4,
  authorsTokens: 6,
  needs: (options) => {
    const { target, draft } = judgeAsks(options);
    return {
      asks: [...target, ...scheduleAsks(options), draft],
      beside: { drafter: { key: layersOf(Number(options.exit_layer ?? 0)) } },
    };
  },
  options: {
    exit_layer: {
      type: "integer",
      label: "Exit layer",
      doc: "Layers of the target that draft, fewer than it has; 2 unless given (the authors 8 of 32)",
      default: 2,
      min: 1,
    },
  },
  check({ exit_layer }, { numLayers }) {
    if (Number(exit_layer) < numLayers) return;
    const fewer = numLayers > 1 ? `give exit_layer from 1 to ${numLayers - 1}` : "choose another drafter";
    throw new InvalidOptionError(
      `exit_layer ${String(exit_layer)} must be less than the ${numLayers} layers of this model: ${fewer}.`,
    );
  },
  rounds: sessionRounds,
};
