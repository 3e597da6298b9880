import { chartWords as words } from "../words/late.js";
import { bookOf, type Charted } from "./book.js";
import { type Chart, inOrder, rounded } from "./chart.js";

/** −log p of each token of the text as it stands, in nats and by place; a gap where none is told. */
export function surpriseChart(panes: readonly Charted[]): Chart {
  const runs = panes.map(({ label, events }, tone) => ({
    label,
    tone,
    ys: bookOf(events)
      .canvas.completion()
      .map(({ state, logprob }) => (state === "draft" || logprob === undefined ? null : rounded(0 - logprob, 4))),
  }));
  const told = runs.filter(({ ys }) => ys.some((y) => y !== null));
  if (told.length === 0) return { says: words.noSurprise, data: null };
  return {
    says: words.list(
      told.map(({ label, ys }) => {
        const known = ys.filter((y) => y !== null);
        return words.surprise(label, known.reduce((sum, y) => sum + y, 0) / known.length, known.length, ys.length);
      }),
    ),
    data: { xLabel: words.place, yLabel: words.nats, form: "line", ...inOrder(told, 1) },
  };
}
