import type { TokenId } from "../vocabulary/events.js";

/** How a model's authors would have it write, by the names of the options: what a run takes unless it is told otherwise. */
export interface GenerationDefaults {
  /** 0 unless the file says do_sample. */
  temperature?: number;
  /** Count where tokens are drawn at all. */
  top_k?: number;
  top_p?: number;
  min_p?: number;
  repetition_penalty?: number;
  max_new_tokens?: number;
  /** Most tokens of prompt and text together; `max_new_tokens` goes first. */
  max_length?: number;
  stop?: readonly string[];
  /** Ids that no text of the model holds. */
  suppress?: readonly TokenId[];
  /** Fields that would change the text, and that there is no option for. */
  ignored: readonly string[];
}
