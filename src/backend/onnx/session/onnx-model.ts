import type { Capabilities } from "../../../seam/capabilities.js";
import type { Model } from "../../../seam/model.js";
import type { Session } from "../../../seam/session.js";
import type { Line } from "../../host/line.js";
import type { HostPart } from "../../host/part.js";
import { GraphCache } from "../graph-cache.js";
import type { GraphRun } from "../graph-run.js";
import type { Graph } from "./graph-sequence.js";
import { OnnxSession } from "./onnx-session.js";
import type { Running } from "./running.js";

/** What a model is made of. */
export interface OnnxParts {
  name: string;
  capabilities: Capabilities;
  /** Of a table of learned positions; null without one. */
  numPositions: number | null;
  line: Line;
  /** All of its layers. */
  whole: GraphRun;
  /** Its first layers, fewer than all, with its own last norm and LM head. */
  firstLayers(numLayers: number): Promise<GraphRun>;
  /** What stands beside its sessions. */
  beside: readonly HostPart[];
  /** Bytes of its weights. */
  byteLength: number;
  /** Called when it is disposed of. */
  onDispose?(): void;
}

/** A model whose forwards are a graph's: makes sessions. */
export class OnnxModel implements Model, Running {
  readonly parts: ReadonlyMap<string, HostPart>;
  /** By number of layers, made when they are first asked for. */
  private readonly shallow = new Map<number, Promise<GraphRun>>();

  constructor(private readonly made: OnnxParts) {
    this.parts = new Map(made.beside.map((part) => [part.extension, part]));
  }

  get name(): string {
    return this.made.name;
  }

  get capabilities(): Capabilities {
    return this.made.capabilities;
  }

  get numPositions(): number | null {
    return this.made.numPositions;
  }

  get line(): Line {
    return this.made.line;
  }

  /** Bytes of its weights. */
  get byteLength(): number {
    return this.made.byteLength;
  }

  session(): Session {
    return new OnnxSession(this);
  }

  graph(numLayers: number): Graph {
    const { whole, firstLayers } = this.made;
    if (numLayers === whole.numLayers) return whole;
    const making = this.shallow.get(numLayers) ?? firstLayers(numLayers);
    this.shallow.set(numLayers, making);
    making.catch(() => this.shallow.delete(numLayers));
    return {
      cache: () => new GraphCache(numLayers, whole.rowSize),
      run: async (feeds) => (await making).run(feeds),
    };
  }

  /** Gives weights back once what was asked of its sessions is done; its sessions must not be used after. */
  dispose(): void {
    this.made.onDispose?.();
    const graphs = [Promise.resolve(this.made.whole), ...this.shallow.values()];
    const end = async (graph: Promise<GraphRun>) => (await graph).dispose();
    this.line.add(() => Promise.allSettled(graphs.map(end))).catch(() => undefined);
  }
}
