import { invariant } from "../../../vocabulary/errors.js";
import { expandWgsl, type WgslConstants } from "./wgsl.js";

/** A kernel with its constants filled in. Binding 0 is the step's uniform block, bound with a dynamic offset. */
export class Kernel {
  private compiled: GPUComputePipeline | null = null;
  private warming: Promise<void> | null = null;
  /** What others have cost that stood in for it. */
  private debt = 0;

  constructor(
    readonly name: string,
    readonly layout: GPUBindGroupLayout,
    readonly numBindings: number,
    /** Invocations of a workgroup, all in one dimension. */
    readonly workgroupSize: number,
    private readonly compile: () => GPUComputePipeline,
    private readonly compileLater: () => Promise<GPUComputePipeline>,
  ) {}

  /** Whether its next use finds it compiled. */
  get isReady(): boolean {
    return this.compiled !== null;
  }

  /** Compiled at first use, unless warm: a tile that no run needs costs nothing. */
  get pipeline(): GPUComputePipeline {
    this.compiled ??= this.compile();
    return this.compiled;
  }

  /** Compiles ahead of use once standing in for it has cost `limit`. */
  owe(extra: number, limit: number): void {
    this.debt += extra;
    if (this.debt > limit) void this.warmUp();
  }

  /** Compiles off this thread, the driver's part too. A kernel that fails stays cold: its first use reports why. */
  warmUp(): Promise<void> {
    if (this.compiled) return Promise.resolve();
    this.warming ??= this.compileLater().then(
      (pipeline) => {
        this.compiled ??= pipeline;
      },
      () => {
        this.warming = null;
      },
    );
    return this.warming;
  }
}

/** Extra cost, in products of one row, above which compiling at once is cheaper than standing in; and after which it is due. */
const STAND_IN = { most: 64, total: 400 };

/** An aligned range of a buffer. */
export interface BufferRange {
  buffer: GPUBuffer;
  offset: number;
  size: number;
}

/** A buffer, or one aligned range of it. */
export type Binding = GPUBuffer | BufferRange;

/** Of a buffer that a dispatch over nothing binds: no kernel asks for more as its least. */
const UNUSED_BYTES = 4096;

/** Compiles kernels once per (name, constants) and makes bind groups whose layout is read from the WGSL text. */
export class KernelCache {
  private readonly kernels = new Map<string, Kernel>();
  pipelineCount = 0;
  /** Those of them that were compiled at their first use, which had to wait. */
  stallCount = 0;
  bindGroupCount = 0;
  /** A compiled kernel may do the work of one that isn't yet, where both give the same bits. */
  mayStandIn = false;
  /** By binding: what a dispatch over nothing binds. */
  private readonly unused: GPUBuffer[] = [];
  private none: GPUBuffer | null = null;

  constructor(
    private readonly device: GPUDevice,
    private readonly stepBuffer: GPUBuffer,
    private readonly stepBytes: number,
    /** Invocations of a workgroup, for kernels that don't say otherwise. */
    readonly workgroupSize: number,
  ) {}

  /**
   * Whether another kernel that gives the same bits should do the work of a cold one, `extra` products of one row dearer.
   * The cold one compiles in the background once that has added up, as much as compiling costs on an emulated GPU; what is only
   * rehearsed costs nothing.
   */
  shouldStandIn(cold: Kernel, extra: number, isRehearsed: boolean): boolean {
    if (!this.mayStandIn || extra > STAND_IN.most) return false;
    if (!isRehearsed) cold.owe(extra, STAND_IN.total);
    return true;
  }

  /** The kernel `shaders/<name>.wgsl` with these constants. */
  get(name: string, constants: WgslConstants = {}): Kernel {
    const key = `${name} ${JSON.stringify(constants)}`;
    let kernel = this.kernels.get(key);
    if (!kernel) {
      kernel = this.make(name, key, constants);
      this.kernels.set(key, kernel);
    }
    return kernel;
  }

  /** A bind group: the step block at binding 0, then `bindings` in order. */
  bind(kernel: Kernel, bindings: readonly Binding[]): GPUBindGroup {
    invariant(
      bindings.length === kernel.numBindings - 1,
      `${kernel.name} takes ${kernel.numBindings - 1} bindings, got ${bindings.length}`,
    );
    this.bindGroupCount++;
    const resources = [{ buffer: this.stepBuffer, offset: 0, size: this.stepBytes }, ...bindings].map((binding) =>
      "buffer" in binding ? binding : { buffer: binding },
    );
    return this.device.createBindGroup({
      label: kernel.name,
      layout: kernel.layout,
      entries: resources.map((resource, binding) => ({ binding, resource })),
    });
  }

  private make(name: string, label: string, constants: WgslConstants): Kernel {
    const code = expandWgsl(name, { WORKGROUP_SIZE: this.workgroupSize, ...constants });
    const workgroupSize = Number(constants.WORKGROUP_SIZE ?? this.workgroupSize);
    const entries: GPUBindGroupLayoutEntry[] = [];
    for (const [, index, space, access] of code.matchAll(/@binding\((\d+)\)\s*var<(\w+)(?:,\s*(\w+))?>/g)) {
      const binding = Number(index);
      const type = space === "uniform" ? "uniform" : access === "read_write" ? "storage" : "read-only-storage";
      entries.push({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type, hasDynamicOffset: binding === 0 },
      });
    }
    const layout = this.device.createBindGroupLayout({ label, entries });
    const descriptor = (): GPUComputePipelineDescriptor => {
      this.pipelineCount++;
      return {
        label,
        layout: this.device.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
        compute: { module: this.device.createShaderModule({ label, code }), entryPoint: "main" },
      };
    };
    return new Kernel(
      name,
      layout,
      entries.length,
      workgroupSize,
      () => {
        this.stallCount++;
        return this.device.createComputePipeline(descriptor());
      },
      async () => {
        const pipeline = await this.device.createComputePipelineAsync(descriptor());
        await this.useOnce(pipeline, layout, entries.length);
        return pipeline;
      },
    );
  }

  /**
   * Dispatches a pipeline over no workgroups: some drivers compile at the first dispatch (llvmpipe for seconds), and a pipeline
   * that they only promised would be no warmer than none.
   */
  private async useOnce(pipeline: GPUComputePipeline, layout: GPUBindGroupLayout, numBindings: number): Promise<void> {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.UNIFORM;
    // One a binding, because a buffer can't be read and written in one dispatch.
    while (this.unused.length < numBindings) {
      this.unused.push(this.device.createBuffer({ label: "unused", size: UNUSED_BYTES, usage }));
    }
    const entries = this.unused.slice(0, numBindings).map((buffer, binding) => ({ binding, resource: { buffer } }));
    const encoder = this.device.createCommandEncoder({ label: "first use" });
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, this.device.createBindGroup({ layout, entries }), [0]);
    // Said by a buffer, since browsers and Dawn warn of none that are asked for outright, or leave the dispatch out.
    this.none ??= this.device.createBuffer({ label: "no workgroups", size: 12, usage: GPUBufferUsage.INDIRECT });
    pass.dispatchWorkgroupsIndirect(this.none, 0);
    pass.end();
    this.device.queue.submit([encoder.finish()]);
    await this.device.queue.onSubmittedWorkDone();
  }
}
