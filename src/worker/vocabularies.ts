import type { VocabularyReport } from "../runtime/job.js";
import type { ModelRef } from "../runtime/model-ref.js";
import { call } from "./connection.js";
import { modelRef } from "./model-url.js";

/**
 * Whether models share a vocabulary, as those of a trio must: the first is the target, and there is a report for each other. Reads their small
 * files alone; no weights, no device.
 */
export function compareVocabularies(
  target: string | URL | ModelRef,
  ...others: readonly (string | URL | ModelRef)[]
): Promise<VocabularyReport[]> {
  const refs = [target, ...others].map((one) => (typeof one === "string" || one instanceof URL ? modelRef(one) : one));
  return call((api) => api.vocabularies(refs));
}
