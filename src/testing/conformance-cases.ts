import { secondModel } from "../decode/companion.js";
import type { Decoder } from "../decode/decoder.js";
import { planRun } from "../decode/engine/plan.js";
import { type Example, examplesOf } from "../decode/examples.js";
import { decoders } from "../decode/index.js";
import { speculative } from "../decode/speculative/decoder.js";
import { draftSources } from "../decode/speculative/drafters/index.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { hashedModels } from "./rehearsal.js";

/** A run that every decoder's contract is tested with: an example of a decoder's folder, on models of the tests. */
export interface ConformanceCase extends Example {
  name: string;
  decoder: Decoder;
  kind: Parameters<typeof hashedModels>[0];
  /** A graph that was loaded with nothing beside can run it. */
  onGraph: boolean;
}

const CORPUS = Array.from({ length: 300 }, (_, i) => (i * i + (i >> 3)) % 13);
/** The id that is the mask of the tests' models, where they have one. */
export const HOLE = 12;

/** The tests' models by how they read. The first that a run can be planned with are an example's. */
const KINDS = ["causal", "block-drafts", "blocks", "full", "masks-last", "subsets"] as const;

function caseOf(decoder: Decoder, example: Example): ConformanceCase {
  const { infill } = example.options;
  const canRun = (kind: ConformanceCase["kind"], onGraph = false) => {
    const { target, draft } = hashedModels(kind, {}, { onGraph });
    const request = {
      decoder,
      promptIds: infill ? [0, HOLE] : [0],
      options: { temperature: 0.9, ...example.options },
      capabilities: target.capabilities,
    };
    try {
      return planRun({ ...request, draftCapabilities: draft.capabilities }) !== null;
    } catch (error) {
      // A model without a mask has no holes either.
      if (error instanceof InvalidOptionError && (infill || error.code === "unsupported_model")) return false;
      throw error;
    }
  };
  const kind = KINDS.find((one) => canRun(one));
  if (kind === undefined) throw new Error(`${decoder.name} ${example.title}: no models of the tests can run this`);
  return { ...example, name: `${decoder.name} ${example.title}`, decoder, kind, onGraph: canRun(kind, true) };
}

/** All of them. A new decoder gets in by the examples of its folder; a new draft source needs none. */
export const CONFORMANCE_CASES: readonly ConformanceCase[] = [
  ...decoders.flatMap((decoder) => examplesOf(decoder).map((example) => caseOf(decoder, example))),
  ...draftSources
    .filter(({ needs }) => !secondModel(needs({}).beside))
    .map(({ name, options }) =>
      caseOf(speculative, {
        title: `from ${name}`,
        options: { drafter: name, ...("corpus" in options ? { corpus: CORPUS } : {}) },
      }),
    ),
];
