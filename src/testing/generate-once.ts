import type { DoneEvent, GenerationEvent, TokenId } from "../vocabulary/events.js";
import { warmUpFor } from "../backend/webgpu/load/warm-up.js";
import type { Gpu } from "../backend/webgpu/gpu/device.js";
import type { Model } from "../seam/model.js";
import type { Folder } from "../runtime/folder.js";
import { generateWith } from "../runtime/generation.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import { measurementsOf } from "../backend/webgpu/tuning/measurements.js";

/** One generation from loaded models. */
export interface Generation {
  decoder: string;
  promptIds: readonly TokenId[];
  options: Record<string, unknown>;
  gpu: Gpu;
  target: Model;
  draft: Model | null;
  folder: Pick<Folder, "tokenizer">;
  /** The draft model's tokenizer. */
  draftTokenizer?: Tokenizer | null;
}

/** Runs one generation on sessions of its own. */
export async function generateOnce(
  { decoder, promptIds, options, gpu, target, draft, folder, draftTokenizer = null }: Generation,
  emit: (event: GenerationEvent) => void,
): Promise<DoneEvent> {
  const session = target.session();
  const draftSession = draft?.session();
  const part = ({ name, capabilities }: Model) => ({ name, capabilities });
  try {
    return await generateWith(
      {
        job: { decoder, prompt: promptIds, options },
        target: { ...part(target), tokenizer: folder.tokenizer, session },
        draft: draft && draftSession ? { ...part(draft), tokenizer: draftTokenizer, session: draftSession } : undefined,
        warmUp: warmUpFor,
        measure: (drafting, mostRows) => measurementsOf(gpu).draftCosts(target, draft, drafting, { mostRows }),
      },
      emit,
    );
  } finally {
    session.dispose();
    draftSession?.dispose();
  }
}
