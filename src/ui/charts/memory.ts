import { heldBytes, keyOf, type ModelInfo } from "../../worker/client.js";
import { chartWords as words } from "../words/late.js";
import type { Chart } from "./chart.js";

/** What is read of a loaded model. */
export type Held = Pick<ModelInfo, "ref" | "name" | "memory">;

/** Bytes by class of every model that panes hold, each once. */
export function memoryChart(models: readonly Held[]): Chart {
  const held = [...new Map(models.map((model) => [keyOf(model.ref), model])).values()];
  if (held.length === 0) return { says: words.noModels, data: null };
  const memories = held.map(({ memory }) => memory);
  return {
    says: words.list(held.map(({ name, memory }) => words.memory(name, heldBytes(memory), memory.staging))),
    data: {
      xLabel: words.model,
      yLabel: words.bytesAxis,
      form: "stack",
      xs: held.map((_, i) => i),
      names: held.map(({ name }) => name),
      series: [
        { label: words.weights, tone: "plain", ys: memories.map(({ weights }) => weights) },
        { label: words.kv, tone: 3, ys: memories.map(({ kv }) => kv) },
        { label: words.scratch, tone: "quiet", ys: memories.map(({ scratch }) => scratch) },
      ],
    },
  };
}
