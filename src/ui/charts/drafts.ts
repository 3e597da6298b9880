import { chartWords as words } from "../words/late.js";
import { bookOf, type Charted } from "./book.js";
import { type Chart, inOrder, rounded } from "./chart.js";

/** Panes that have drafted something, with their rounds. */
function draftingOf(panes: readonly Charted[]) {
  return panes
    .map(({ label, events }, tone) => ({ label, tone, rounds: bookOf(events).rounds }))
    .filter(({ rounds }) => rounds.numRounds > 0);
}

/** Rounds by the number of drafts that they accepted, of panes that draft. */
export function acceptedChart(panes: readonly Charted[]): Chart {
  const runs = draftingOf(panes);
  if (runs.length === 0) return { says: words.noDrafts, data: null };
  const lists = runs.map(({ label, tone, rounds }) => ({ label, tone, ys: rounds.byLength }));
  return {
    says: words.list(
      runs.map(({ label, rounds: { byLength, numRounds } }) => {
        const accepted = byLength.reduce((sum, count, length) => sum + count * length, 0);
        return words.accepted(label, accepted, numRounds);
      }),
    ),
    data: { xLabel: words.acceptedDrafts, yLabel: words.rounds, form: "bars", ...inOrder(lists, 0) },
  };
}

/** Share of the rounds that had a draft to judge at a depth in which one was accepted there, of panes that draft. */
export function depthChart(panes: readonly Charted[]): Chart {
  const runs = draftingOf(panes);
  if (runs.length === 0) return { says: words.noDrafts, data: null };
  const lists = runs.map(({ label, tone, rounds }) => ({
    label,
    tone,
    ys: rounds.byDepth.map(({ accepted, tried }) => rounded((100 * accepted) / tried, 1)),
  }));
  return {
    says: words.list(
      runs.map(({ label, rounds: { byDepth } }) => words.firstDraft(label, byDepth[0].accepted, byDepth[0].tried)),
    ),
    data: { xLabel: words.depth, yLabel: words.acceptedPercent, form: "bars", ...inOrder(lists, 1) },
  };
}
