import { loadGraph } from "../../testing/onnx-bed.js";
import { packedSuite } from "../../testing/packed-suite.js";

packedSuite(async (source) => {
  const graph = await loadGraph(source);
  return {
    async logits(ids) {
      const { logits } = await graph.run({
        tokens: Int32Array.from(ids),
        positions: Int32Array.from(ids, (_, i) => i),
        bias: null,
        rows: Int32Array.of(ids.length - 1),
        hidden: false,
        past: graph.cache(),
      });
      return logits;
    },
    dispose: () => graph.dispose(),
  };
});
