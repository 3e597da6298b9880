import type { Architecture } from "../architecture/architecture.js";
import { ModelLoadError } from "../vocabulary/errors.js";

/** Refuses a model whose embedding is more than its table: what reads a token beside a state would read something else. */
export function checkPlainEmbedding({ embedding, modelType }: Architecture, what: "a head" | "an adapter"): void {
  const { scale, numPositions } = embedding;
  if (scale === 1 && numPositions === null) return;
  throw new ModelLoadError(
    `A model of model_type ${JSON.stringify(modelType)} can't be loaded with ${what}: its embeddings are ${numPositions === null ? "scaled" : "added to learned positions"}. Load it without.`,
    "unsupported_config",
  );
}
