import { withMeasuredCosts } from "../decode/speculative/schedules/costs.js";
import { findDecoder } from "../decode/index.js";
import { encodeTexts, parseOptions } from "../decode/options.js";
import { planRun } from "../decode/engine/request.js";
import type { TokenId } from "../vocabulary/events.js";
import { capabilitiesOf } from "../architecture/architecture.js";
import { retokenizerOf } from "../tokenizer/retokenize.js";
import type { Folder } from "./models.js";

/** One run as the command line knows it before a device is opened. */
interface CheckedRun {
  decoder: string;
  options: Record<string, unknown>;
  promptIds: readonly TokenId[];
  folder: Folder;
  draftFolder: Folder | null;
  /** A head or an adapter is loaded with the model. */
  hasParts?: boolean;
}

/**
 * Refuses what options, prompt and the models' configs rule out, before a device is opened: throws `InvalidOptionError`.
 * What a head or an adapter adds is known once it is loaded, so that beside one only names and values are checked.
 */
export async function checkRun(run: CheckedRun): Promise<void> {
  const decoder = findDecoder(run.decoder);
  const { tokenizer, architecture } = run.folder;
  const given = tokenizer ? encodeTexts(decoder.options, run.options, (text) => tokenizer.encode(text)) : run.options;
  if (run.hasParts) {
    parseOptions(decoder.options, given);
    return;
  }
  const capabilities = capabilitiesOf(architecture);
  // Costs are measured on the device; any will do to find what else is wrong.
  const costs = async () => ({ forwardCosts: { 1: 1 }, draftCost: 0, waitCost: 0 });
  const options = await withMeasuredCosts(decoder, given, capabilities, costs);
  const draftCapabilities = run.draftFolder ? capabilitiesOf(run.draftFolder.architecture) : undefined;
  const draftTokenizer = run.draftFolder?.tokenizer;
  const retokenizer = tokenizer && draftTokenizer ? retokenizerOf(tokenizer, draftTokenizer) : undefined;
  planRun({ decoder, promptIds: run.promptIds, capabilities, draftCapabilities, retokenizer, options });
}
