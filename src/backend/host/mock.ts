import { HOST_PARTS, MOCK_PARTS } from "../../extension/host.js";
import { answersWith } from "./answers/index.js";
import { MockSession } from "./mock-session.js";
import type { Chance } from "../../sampling/verify/chance.js";
import type { Cell } from "./cell.js";
import type { Law } from "./law.js";
import type { Capabilities, HeadKind } from "../../seam/capabilities.js";
import type { Model } from "../../seam/model.js";

/** Mask tokens of a mock that has a mask sampler, unless its capabilities say otherwise. */
const NUM_MASKS = 8;

const PARTS = new Map(MOCK_PARTS.map((part) => [part.extension, part]));

/** A mock's whole behaviour. */
export interface MockOptions {
  law: Law;
  capabilities: Partial<Capabilities> & { vocabSize: number };
  name?: string;
  /** What its first layers say, fewer than `capabilities.numLayers`; default: what all of them do. */
  shallow?: (numLayers: number) => Law;
  /** What its head says, and what for. */
  head?: Law;
  headKind?: HeadKind;
  /** What its policy says of the state of a row that saw these; `capabilities.policyLengths` tells of which lengths. */
  policy?: (seen: readonly Cell[]) => readonly number[];
  /** What its mask sampler says, of what the mask row saw, with the token before in the mask's place. */
  maskSampler?: Law;
  /** How long a readback takes. */
  latency?: () => Promise<void>;
}

/** A mock whose draws can come from elsewhere. */
export interface MockModel extends Model {
  /** The same model, whose tokens, random orders and verdicts this chance decides in place of noise. */
  drawing(chance: Chance): Model;
  /** The same model on a backend that answers these alone; `asked` gets what its sessions were asked. */
  answering(answers: readonly string[], asked?: Set<string>): Model;
}

/** Those of a causal model that can do what any can, but for what is given. */
export function usualCapabilities(given: Partial<Capabilities> & { vocabSize: number }): Capabilities {
  return {
    name: "mock",
    rounding: null,
    causal: true,
    bidirectional: false,
    blockLengths: [],
    anySubset: false,
    inPlace: false,
    maskToken: null,
    maxLength: 256,
    numLayers: 1,
    head: null,
    policyLengths: [],
    numMasks: 0,
    eosTokens: [],
    answers: answersWith(HOST_PARTS),
    ...given,
  };
}

/** A model on the CPU that obeys and checks the rules of the session seam: the oracle that decoders are tested on. */
export function mockModel({
  law,
  capabilities,
  name = "mock",
  shallow = () => law,
  head,
  headKind = "eagle",
  policy,
  maskSampler,
  latency = () => Promise.resolve(),
}: MockOptions): MockModel {
  const heads = { head: head ? headKind : null, numMasks: maskSampler ? NUM_MASKS : 0 };
  const usual = usualCapabilities({ name, ...heads, ...capabilities });
  const all = answersWith(MOCK_PARTS.filter(({ isThere }) => isThere?.(usual) ?? true));
  const made = (how: { answers?: readonly string[]; asked?: Set<string>; chance?: Chance } = {}): Model => {
    const { answers = capabilities.answers ?? all, asked, chance } = how;
    const whole = { ...usual, answers };
    const behaviour = { capabilities: whole, latency, shallow, head, policy, maskSampler, parts: PARTS };
    const heard = { answers: new Set(answers), asked };
    return {
      name,
      capabilities: whole,
      session: () => new MockSession(law, { ...behaviour, ...heard, chance }),
      dispose: () => undefined,
    };
  };
  return {
    ...made(),
    drawing: (chance) => made({ chance }),
    answering: (answers, asked) => made({ answers, asked }),
  };
}
