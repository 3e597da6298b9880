import type { Line } from "../../host/line.js";
import type { HostPart } from "../../host/part.js";
import type { Graph, GraphModel } from "./graph-sequence.js";

/** What sessions run: a model's graphs on a device's line, and what stands beside its sessions. */
export interface Running extends GraphModel {
  /** Of a table of learned positions; null without one. */
  readonly numPositions: number | null;
  /** Of the device: what was asked of any of its models is done in this order. */
  readonly line: Line;
  /** By extension. */
  readonly parts: ReadonlyMap<string, HostPart>;
  /** The graph of so many of its first layers. */
  graph(numLayers: number): Graph;
}
