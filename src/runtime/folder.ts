import type { Architecture, ModelFacts } from "../architecture/architecture.js";
import { familyOf } from "../architecture/families.js";
import { isAbsence, type ModelSource, optionalJson } from "../format/source.js";
import { ModelLoadError } from "../vocabulary/errors.js";
import type { TokenId } from "../vocabulary/events.js";
import type { Gpu } from "../backend/webgpu/gpu/device.js";
import {
  contextOf,
  loadArchitecture,
  loadFolderTokenizer,
  type LoadOptions,
  loadTransformer,
  withTokenizer,
} from "../backend/webgpu/load/load.js";
import { LoadClock } from "../backend/webgpu/load/load-times.js";
import type { WebGpuModel } from "../backend/webgpu/session/webgpu-model.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";

/** A model folder whose small files are read and checked; the weights are not yet. */
export interface Folder<A extends ModelFacts = Architecture> {
  source: ModelSource;
  /** Its longest sequence is the one that there will be room for. */
  architecture: A;
  /** Null when the folder has no tokenizer.json: ids in, ids out is still possible. */
  tokenizer: Tokenizer | null;
  /** Runs while files are read and weights are loaded. */
  clock: LoadClock;
}

/** How a folder is read. */
export type FolderReading = Pick<LoadOptions, "signal" | "blockLength" | "context"> & {
  /** `context` is the most that is needed, as of a second model. Default: false. */
  isContextAtMost?: boolean;
  /** Without a tokenizer.json there is no model, as on a page, whose prompts are texts. Default: false. */
  needsTokenizer?: boolean;
};

/** Reads a folder's config and tokenizer: what is wrong there shows before the weights are asked for. */
export function openFolder(source: ModelSource, reading: FolderReading = {}): Promise<Folder> {
  return openFolderAs(source, (timed) => loadArchitecture(timed, reading), reading);
}

/** `openFolder`, its config read by `readConfig`. */
export async function openFolderAs<A extends ModelFacts>(
  source: ModelSource,
  readConfig: (timed: ModelSource) => Promise<A>,
  { signal, context, isContextAtMost = false, needsTokenizer = false }: FolderReading,
): Promise<Folder<A>> {
  const clock = new LoadClock();
  const timed = clock.timed(source);
  const read = await readConfig(timed);
  const hasTokenizer = needsTokenizer || (await optionalJson(timed, "tokenizer.json", signal)) !== null;
  const tokenizer = hasTokenizer ? await tokenizerOf(timed, read, signal) : null;
  const room = isContextAtMost && context !== undefined ? Math.min(context, read.maxLength) : context;
  const architecture = { ...(tokenizer ? withTokenizer(read, tokenizer) : read), maxLength: contextOf(read, room) };
  clock.enter(null);
  return { source, architecture, tokenizer, clock };
}

/** The tokenizer of a folder; where a family's folders have none, the error says whose they take. */
async function tokenizerOf(source: ModelSource, architecture: ModelFacts, signal?: AbortSignal): Promise<Tokenizer> {
  try {
    return await loadFolderTokenizer(source, architecture, signal);
  } catch (error) {
    const tokens = familyOf(architecture.modelType)?.tokens;
    if (tokens === undefined || !(isAbsence(error) && (await optionalJson(source, "tokenizer.json", signal)) === null))
      throw error;
    throw new ModelLoadError(
      `${source.url} has no tokenizer.json, as all folders of model_type ${architecture.modelType}: its tokens are those of ${tokens}. Give that folder, or a copy of it, as tokenizer (--tokenizer).`,
      "missing_file",
    );
  }
}

/** How `loadFolder` loads: what the reading hasn't decided. */
export type FolderOptions = Omit<LoadOptions, "context" | "blockLength">;

/** A folder's weights on the device, rounded if asked. */
export async function loadFolder(
  gpu: Gpu,
  { source, architecture, clock }: Folder,
  options: FolderOptions = {},
): Promise<WebGpuModel> {
  clock.enter("parseMs");
  const how = { ...options, context: architecture.maxLength };
  const model = await loadTransformer(gpu, source, architecture, how, clock);
  clock.enter(null);
  return model;
}

/** What the engine needs of a tokenizer, for a folder that has none: every token is text of no length. */
export const NO_TEXT = {
  encode: (): TokenId[] => [],
  bytes: () => new Uint8Array(0),
  isSpecial: () => false,
};
