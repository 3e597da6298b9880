import type { Ends, EndsPlace } from "../../backend/onnx/layers-graph.js";
import type { Value } from "../../backend/onnx/graph-builder.js";
import { JOINT_NORMS } from "./key.js";

const normed = ({ weights, norm }: EndsPlace, x: Value, which: keyof typeof JOINT_NORMS) =>
  weights.norm(x, norm, JOINT_NORMS[which].replace(/\.weight$/, ""));

/** h' = h + RMSNorm(layers(W [RMSNorm(embedding); RMSNorm(h)])), arXiv 2509.22738. */
export const JOINT_ENDS: Ends = {
  first(place, embedded, states) {
    const both = [normed(place, embedded, "token"), normed(place, states, "feature")];
    return place.weights.product(place.graph.op("Concat", both, { axis: 1 }), "fc");
  },
  last: (place, x, states) => place.graph.op("Add", [states, normed(place, x, "last")]),
};
