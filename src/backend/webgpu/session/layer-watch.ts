import { ceil4, makeOp, type Op } from "../ops/op.js";
import { NO_TOKEN } from "./not-finite.js";
import type { Sequence } from "./sequence.js";

/** Looks, behind each layer of a session's forwards, whether the residual stream is still finite: a dispatch a layer. */
export class LayerWatch {
  private readonly found: GPUBuffer;
  private readonly ops: Op[];

  constructor(private readonly sequence: Sequence) {
    const { model, arena, numLayers } = sequence;
    const { gpu, architecture, activations } = model;
    this.found = arena.upload("first stage that isn't finite", Uint32Array.of(NO_TOKEN));
    const width = ceil4(architecture.hiddenSize) * 4;
    this.ops = Array.from({ length: numLayers + 1 }, (_, stage) =>
      makeOp(gpu, "find_not_finite", {}, [arena.uniform("watch dims", [width, stage]), activations.x, this.found]),
    );
  }

  /** Records a look behind `stage` layers. */
  record(step: number, stage: number, numRows: number): void {
    this.ops[stage].record(step, numRows);
  }

  /** Where numbers of any forward so far first weren't finite, as tensors are named. */
  async place(): Promise<string> {
    const { gpu, layers } = this.sequence.model;
    const [stage] = new Uint32Array(await gpu.queue.read(this.found, 0, 4));
    if (stage === NO_TOKEN) return "the final norm or the LM head";
    return stage === 0 ? "the embedding" : `layer ${stage - 1} (of 0 to ${layers.length - 1})`;
  }
}
