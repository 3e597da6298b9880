import { chartWords as words } from "../words/late.js";
import { bookOf, type Charted } from "./book.js";
import { type Chart, inOrder } from "./chart.js";

/** Tokens that each step wrote or changed, of every pane. */
export function commitsChart(panes: readonly Charted[]): Chart {
  const runs = panes.map(({ label, events }, tone) => ({ label, tone, ys: bookOf(events).replay.commits }));
  const begun = runs.filter(({ ys }) => ys.length > 0);
  if (begun.length === 0) return { says: words.noRun, data: null };
  return {
    says: words.list(begun.map(({ label, ys }) => words.commits(label, Math.max(...ys), ys.length))),
    data: { xLabel: words.step, yLabel: words.commitsAxis, form: "steps", ...inOrder(begun, 1) },
  };
}
