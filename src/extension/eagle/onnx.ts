import type { Ends } from "../../backend/onnx/layers-graph.js";

/** One product of [token; state] before the layers, and nothing behind them. */
export const EAGLE_ENDS: Ends = {
  first: ({ graph, weights }, embedded, states) =>
    weights.product(graph.op("Concat", [embedded, states], { axis: 1 }), "fc"),
  last: (_, x) => x,
};
