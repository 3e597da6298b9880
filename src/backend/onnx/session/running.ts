import type { Line } from "../../host/line.js";
import type { Session } from "../../../seam/session.js";
import type { HostPart, HostTrunk } from "../../host/part.js";
import type { Graph, GraphModel } from "./graph-sequence.js";
import type { LeftStates } from "./left-states.js";

/** What sessions run: a model's graphs on a device's line, and what stands beside its sessions. */
export interface Running extends GraphModel {
  /** Its layers: of a head its own. */
  readonly numLayers: number;
  /** Of a table of learned positions; null without one. */
  readonly numPositions: number | null;
  /** Of the device: what was asked of any of its models is done in this order. */
  readonly line: Line;
  /** By extension. */
  readonly parts: ReadonlyMap<string, HostPart<OnnxTrunk>>;
  /** The graph of so many of its first layers. */
  graph(numLayers: number): Graph;
}

/** What a part that reads states may touch of a session besides. */
export interface OnnxTrunk extends HostTrunk {
  /** It runs all of the model's layers: what the model was loaded with reads what they leave. */
  readonly isWhole: boolean;
  /** The states that its forwards leave, when asked to, for what reads them. */
  states(): LeftStates;
  /** A session on a model that reads them, which goes with this one. */
  reading(model: Running): Session;
}
