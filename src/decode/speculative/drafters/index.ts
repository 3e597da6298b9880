import { blockDrafts } from "./block-diffusion.js";
import { chains } from "./chains.js";
import { deviceLookup } from "./device-lookup.js";
import { eagle } from "./eagle.js";
import { earlyExit } from "./early-exit.js";
import { lookahead } from "./lookahead.js";
import { model } from "./model.js";
import { mtp } from "./mtp.js";
import { promptLookup } from "./prompt-lookup.js";
import { recycling } from "./recycling.js";
import { retokenized } from "./retokenized.js";
import { retrieval } from "./retrieval.js";
import type { DraftSource } from "./source.js";
import { suffix } from "./suffix.js";
import { tree } from "./tree.js";
import { trigram } from "./trigram.js";

/** All draft sources, in the order they are shown; the first is the default. */
export const draftSources: readonly DraftSource[] = [
  model,
  tree,
  chains,
  blockDrafts,
  earlyExit,
  eagle,
  mtp,
  retokenized,
  promptLookup,
  deviceLookup,
  suffix,
  retrieval,
  recycling,
  trigram,
  lookahead,
];

/** Those whose drafts shared noise can judge: the text is autoregressive's whichever drafts. */
export const coupledSources: readonly DraftSource[] = draftSources.filter(({ draws }) => draws !== "chains");
