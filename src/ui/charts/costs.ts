import type { CostCurve } from "../../worker/client.js";
import { chartWords as words } from "../words/late.js";
import { align, type Chart, rounded } from "./chart.js";

/** v(M): what a forward costs by its rows, as measured on this device and as far as it was guessed; beside it forwards of their own. */
export function costsChart(costs: CostCurve | null): Chart {
  if (!costs) return { says: words.noCosts, data: null };
  const { rows, ratio, numMeasured, forwardMs } = costs;
  const points = rows.map((numRows, i) => [numRows, rounded(ratio[i], 3)] as const);
  const most = points[numMeasured - 1];
  // As far as the costs go: what is beyond would make them flat.
  const highest = Math.max(...ratio, 2);
  const apart = rows.filter((numRows) => numRows <= highest).map((numRows) => [numRows, numRows] as const);
  const guessed =
    numMeasured < rows.length ? [{ label: words.guessed, tone: 1, points: points.slice(numMeasured - 1) }] : [];
  return {
    says: words.costs(forwardMs, most[0], most[1]),
    data: {
      xLabel: words.rowsOfForward,
      yLabel: words.costAxis,
      form: "line",
      ...align([
        { label: words.measured, tone: "plain" as const, points: points.slice(0, numMeasured) },
        { label: words.apart, tone: "quiet" as const, points: apart },
        ...guessed,
      ]),
    },
  };
}
