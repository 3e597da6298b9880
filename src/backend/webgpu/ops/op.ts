import type { Gpu } from "../gpu/device.js";
import type { Binding, Kernel } from "../gpu/kernel.js";
import type { WgslConstants } from "../gpu/wgsl.js";

/** A kernel bound to its buffers: recording it allocates nothing. */
export class Op {
  private readonly group: GPUBindGroup;

  constructor(
    private readonly gpu: Gpu,
    private readonly kernel: Kernel,
    bindings: readonly Binding[],
  ) {
    this.group = gpu.kernels.bind(kernel, bindings);
  }

  /** Records one dispatch with the step block at `stepOffset`. */
  record(stepOffset: number, numInvocations: number): void {
    this.gpu.queue.dispatch(this.kernel, this.group, stepOffset, numInvocations);
  }

  /** Records one of so many workgroups. */
  recordGroups(stepOffset: number, numGroups: number): void {
    this.record(stepOffset, numGroups * this.kernel.workgroupSize);
  }
}

/** The op of kernel `name` with these constants and bindings (binding 1 on). */
export function makeOp(gpu: Gpu, name: string, constants: WgslConstants, bindings: readonly Binding[]): Op {
  return new Op(gpu, gpu.kernels.get(name, constants), bindings);
}

/** Groups of four that hold `n` values: rows and heads are padded to them by zeros. */
export function ceil4(n: number): number {
  return Math.ceil(n / 4);
}
