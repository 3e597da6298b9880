import { chartWords as words } from "../words/late.js";
import { bookOf, type Charted } from "./book.js";
import { align, type Chart, rounded } from "./chart.js";

/** What a race is told by: time in which each run held the device, or its forward passes. */
export type Clock = "time" | "forwards";

/** Tokens of every pane over time, or over its forward passes. */
export function tokensChart(panes: readonly Charted[], clock: Clock): Chart {
  const runs = panes.map(({ label, events }, tone) => ({ label, tone, moments: bookOf(events).moments }));
  const begun = runs.filter(({ moments }) => moments.length > 0);
  if (begun.length === 0) return { says: words.noRun, data: null };
  const lines = begun.map(({ label, tone, moments }) => ({
    label,
    tone,
    points: [{ ownMs: 0, forwards: 0, tokens: 0 }, ...moments].map(
      ({ ownMs, forwards, tokens }) => [clock === "time" ? rounded(ownMs, 1) : forwards, tokens] as const,
    ),
  }));
  const ends = begun.map(({ label, moments }) => {
    const { ownMs, forwards, tokens } = moments[moments.length - 1];
    return words.tokens(label, tokens, clock === "time" ? words.inMs(ownMs) : words.inPasses(forwards));
  });
  return {
    says: words.list(ends),
    data: {
      xLabel: clock === "time" ? words.ownMs : words.forwards,
      yLabel: words.tokensAxis,
      form: "line",
      joins: true,
      ...align(lines),
    },
  };
}
