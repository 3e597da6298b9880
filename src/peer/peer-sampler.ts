import { LogitsProcessor, LogitsProcessorList, type Tensor } from "@huggingface/transformers";
import { draw } from "../sampling/processors.js";
import { GREEDY, type Sampler } from "../seam/sampler.js";

/** How a run's options draw, and which of them don't reach transformers.js. */
export interface PeerSampling {
  sampler: Sampler;
  /** By name, those that a person has set and this pane does without. */
  leftOut: string[];
}

/** The sampler of an autoregressive run's options. */
export function samplingOf(options: Readonly<Record<string, unknown>>): PeerSampling {
  const number = (name: string, none: number) => Number(options[name] ?? none);
  const bias = Object.entries((options.logit_bias ?? {}) as Record<string, number>);
  const sampler = {
    temperature: number("temperature", GREEDY.temperature),
    topK: number("top_k", GREEDY.topK),
    topP: number("top_p", GREEDY.topP),
    minP: number("min_p", GREEDY.minP),
    repetitionPenalty: number("repetition_penalty", GREEDY.repetitionPenalty),
    logitBias: new Map(bias.map(([id, value]) => [Number(id), value])),
    suppress: [],
    seed: number("seed", GREEDY.seed),
  };
  const stop = (options.stop ?? []) as readonly string[];
  return { sampler, leftOut: stop.length > 0 ? ["stop"] : [] };
}

/** Whether transformers.js's own argmax takes the same tokens. */
export function isPlainlyGreedy({ temperature, repetitionPenalty, logitBias }: Sampler): boolean {
  return temperature === 0 && repetitionPenalty === 1 && logitBias.size === 0;
}

/** Leaves of the logits the one that our sampler draws: transformers.js takes no seed, so that no text of its own draws could be compared. */
class Drawing extends LogitsProcessor {
  constructor(private readonly sampler: Sampler) {
    super();
  }

  override _call(ids: bigint[][], logits: Tensor): Tensor {
    const [history] = ids;
    const values = logits.data as Float32Array;
    const token = draw(values, this.sampler, { position: history.length, draw: 0, history: history.map(Number) });
    values.fill(Number.NEGATIVE_INFINITY);
    values[token] = 0;
    return logits;
  }
}

/** What `generate()` takes for it: none where its own argmax does. */
export function processorsOf(sampler: Sampler): LogitsProcessorList | null {
  if (isPlainlyGreedy(sampler)) return null;
  const list = new LogitsProcessorList();
  list.push(new Drawing(sampler));
  return list;
}
