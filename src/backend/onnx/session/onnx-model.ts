import type { Capabilities } from "../../../seam/capabilities.js";
import type { Model } from "../../../seam/model.js";
import type { Session } from "../../../seam/session.js";
import { invariant } from "../../../vocabulary/errors.js";
import type { Line } from "../../host/line.js";
import type { HostPart } from "../../host/part.js";
import type { GraphRun } from "../graph-run.js";
import type { Graph } from "./graph-sequence.js";
import { OnnxSession } from "./onnx-session.js";
import type { OnnxTrunk, Running } from "./running.js";

/** What a model is made of. */
export interface OnnxParts {
  name: string;
  capabilities: Capabilities;
  /** Of a table of learned positions; null without one. */
  numPositions: number | null;
  line: Line;
  /** All of its layers. */
  whole: GraphRun;
  /** Its first layers, fewer than all, with its own last norm and LM head; left out for a head, which is asked for all of them alone. */
  firstLayers?(numLayers: number): Promise<GraphRun>;
  /** What stands beside its sessions, and needs nothing loaded. */
  beside: readonly HostPart<OnnxTrunk>[];
  /** Bytes of its weights. */
  byteLength: number;
  /** Bytes of its device's models, to which its own are added while it is there. */
  arena?: { byteLength: number };
}

/** A model whose forwards are a graph's: makes sessions. */
export class OnnxModel implements Model, Running {
  readonly parts: Map<string, HostPart<OnnxTrunk>>;
  /** By number of layers, made when they are first asked for. */
  private readonly shallow = new Map<number, Promise<GraphRun>>();

  /** Models that its parts run. */
  private readonly owned: OnnxModel[] = [];

  constructor(private readonly made: OnnxParts) {
    this.parts = new Map(made.beside.map((part) => [part.extension, part]));
    if (made.arena) made.arena.byteLength += made.byteLength;
  }

  /** From now on its sessions have this part beside them; `model` is one that the part runs, and goes with this one. */
  add(part: HostPart<OnnxTrunk>, model?: OnnxModel): void {
    const { extension } = part;
    const { capabilities } = this;
    this.parts.set(extension, part);
    if (!capabilities.answers.includes(extension)) capabilities.answers = [...capabilities.answers, extension];
    if (model) this.owned.push(model);
  }

  get name(): string {
    return this.made.name;
  }

  get capabilities(): Capabilities {
    return this.made.capabilities;
  }

  get numLayers(): number {
    return this.made.whole.numLayers;
  }

  get numPositions(): number | null {
    return this.made.numPositions;
  }

  get line(): Line {
    return this.made.line;
  }

  /** Bytes of its weights, and of those that its parts run. */
  get byteLength(): number {
    return this.owned.reduce((sum, { byteLength }) => sum + byteLength, this.made.byteLength);
  }

  session(): Session {
    return new OnnxSession(this);
  }

  graph(numLayers: number): Graph {
    const { whole, firstLayers } = this.made;
    if (numLayers === whole.numLayers) return whole;
    invariant(firstLayers, "a head runs all of its layers");
    const making = this.shallow.get(numLayers) ?? firstLayers(numLayers);
    this.shallow.set(numLayers, making);
    making.catch(() => this.shallow.delete(numLayers));
    return {
      cache: () => whole.cache(numLayers),
      run: async (feeds) => (await making).run(feeds),
    };
  }

  /** Gives weights back once what was asked of its sessions is done; its sessions must not be used after. */
  dispose(): void {
    for (const model of this.owned) model.dispose();
    if (this.made.arena) this.made.arena.byteLength -= this.made.byteLength;
    const graphs = [Promise.resolve(this.made.whole), ...this.shallow.values()];
    const end = async (graph: Promise<GraphRun>) => (await graph).dispose();
    this.line.add(() => Promise.allSettled(graphs.map(end))).catch(() => undefined);
  }
}
