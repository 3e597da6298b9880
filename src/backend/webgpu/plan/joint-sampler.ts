import { JOINT_NORMS } from "../../../extension/joint-sampler/key.js";
import { ceil4 } from "../ops/op.js";
import { RowNorm } from "../ops/row-norm.js";
import type { Architecture } from "../../../architecture/architecture.js";
import type { Arena } from "../gpu/arena.js";
import type { Gpu } from "../gpu/device.js";
import type { Binding } from "../gpu/kernel.js";
import type { WeightFills } from "./weight-fills.js";

/**
 * What a joint sampler (ADJUST, arXiv 2509.22738) does that an EAGLE head doesn't: it norms the state that it reads, and its
 * layers' norm is added to that state, h' = h + RMSNorm(layers(W [RMSNorm(embedding); RMSNorm(h)])). Then comes the model's LM head.
 */
export class JointSampler {
  /** The normed states. */
  readonly normed: GPUBuffer;
  private readonly first: RowNorm;
  private readonly last: RowNorm;

  /** `features` are read and added to what the layers left in `x`; the sum goes to `y`. */
  constructor(
    { gpu, arena, architecture, maxRows }: { gpu: Gpu; arena: Arena; architecture: Architecture; maxRows: number },
    weights: WeightFills,
    { features, x, y }: { features: GPUBuffer; x: Binding; y: Binding },
  ) {
    const { hiddenSize, norm } = architecture;
    const width = ceil4(hiddenSize);
    this.normed = arena.storage("normed features", maxRows * width * 16);
    const common = { size: hiddenSize, eps: norm.eps, kind: "rms" } as const;
    const gain = (name: string) => weights.vector(name, [name]);
    const first = { x: features, weight: gain(JOINT_NORMS.feature), y: this.normed };
    this.first = new RowNorm(gpu, arena, { ...common, ...first });
    this.last = new RowNorm(gpu, arena, { ...common, x, weight: gain(JOINT_NORMS.last), y, adds: features });
  }

  /** Records what comes before the products of token and state. */
  recordFirst(stepOffset: number, numRows: number): void {
    this.first.record(stepOffset, numRows);
  }

  /** Records what comes behind the layers. */
  recordLast(stepOffset: number, numRows: number): void {
    this.last.record(stepOffset, numRows);
  }
}
