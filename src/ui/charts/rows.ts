import { chartWords as words } from "../words/late.js";
import { bookOf, type Charted } from "./book.js";
import type { Chart } from "./chart.js";

/** What the rows of every pane's forwards came to: tokens that stand, drafts that were rejected, and what neither wrote nor drafted. */
export function rowsChart(panes: readonly Charted[]): Chart {
  const runs = panes.flatMap(({ label, events }) => {
    const { rows, tally } = bookOf(events);
    if (rows === 0) return [];
    // A step may show text that an earlier one's rows wrote, so that for a moment more stands than was computed.
    const kept = Math.min(rows, tally.tokens);
    const rejected = Math.min(rows - kept, tally.proposed - tally.accepted);
    return [{ label, rows, kept, rejected }];
  });
  if (runs.length === 0) return { says: words.noRun, data: null };
  return {
    says: words.list(runs.map(({ label, kept, rows }) => words.keptRows(label, kept, rows))),
    data: {
      xLabel: words.pane,
      yLabel: words.rowsAxis,
      form: "stack",
      xs: runs.map((_, i) => i),
      names: runs.map(({ label }) => label),
      series: [
        { label: words.kept, tone: "plain", ys: runs.map(({ kept }) => kept) },
        { label: words.rejected, tone: "bad", ys: runs.map(({ rejected }) => rejected) },
        { label: words.otherRows, tone: "quiet", ys: runs.map(({ rows, kept, rejected }) => rows - kept - rejected) },
      ],
    },
  };
}
