import { Measurements } from "../timing/measurements.js";
import type { TimedDevice } from "../timing/timed-device.js";
import { Line } from "../host/line.js";
import type { OnnxRuntime } from "./onnx-graph.js";
import type { Provider } from "./provider.js";

/** A second gets to eight rows of a small model on one thread. */
const BUDGET_MS = 1000;

/** Which adapter it is, in the words of WebGPU's. */
export interface OnnxFacts {
  vendor: string;
  architecture: string;
  description: string;
  isSoftware: boolean;
}

/** ONNX Runtime on one of its providers: one order for all that is asked of its models, what is known of it, and what was measured. */
export class OnnxDevice implements TimedDevice {
  readonly budgetMs = BUDGET_MS;
  readonly line: Line;
  readonly facts: OnnxFacts;
  /** Bytes of the weights of its models. */
  readonly arena = { byteLength: 0 };
  /** Never told of the CPU's: it is lost with the process. */
  readonly lost: Promise<string>;
  readonly measurements = new Measurements(this);

  /** `pause` lets messages and timers be handled. */
  constructor(
    readonly runtime: OnnxRuntime,
    readonly provider: Provider,
    pause: () => Promise<void>,
  ) {
    this.line = new Line(pause);
    this.lost = provider.lost ?? new Promise<string>(() => undefined);
    const { versions } = runtime.env;
    const version = versions.web ?? versions.node ?? versions.common;
    const { name, words, isSoftware } = provider;
    this.facts = {
      vendor: "onnxruntime",
      architecture: name,
      description: `ONNX Runtime ${version} (${words})`,
      isSoftware,
    };
  }

  async elapsed(ask: () => void, clock: () => number): Promise<number> {
    const idle = () => this.line.add(() => undefined);
    await idle();
    const startMs = clock();
    ask();
    await idle();
    return clock() - startMs;
  }

  /** A forward of a shape may lay memory out at its first use. */
  async warm(forward: Parameters<TimedDevice["warm"]>[0]): Promise<void> {
    await forward().read();
  }
}
