import type { DoneEvent, GenerationEvent } from "../src/vocabulary/events.js";
import type { CountedCosts } from "../src/vocabulary/figures.js";
import { type CostCurve, costOfRows } from "../src/seam/cost-curve.js";
import type { Model } from "../src/seam/model.js";

/** What forwards, drafts and waits cost, in forwards of one row of the target. */
export interface Prices {
  target: Pick<CostCurve, "rows" | "ratio">;
  draft: Pick<CostCurve, "rows" | "ratio">;
  /** A draft model's forward of one row. */
  draftForward: number;
  /** A result that is waited for. */
  wait: number;
}

interface Forward {
  of: "target" | "draft";
  numRows: number;
}

/** The forwards of both models' sessions from now on, in the order in which they are enqueued; `take` empties the list. */
export function forwardsOf(target: Model, draft: Model): { take(): Forward[] } {
  let forwards: Forward[] = [];
  for (const [of, model] of [
    ["target", target],
    ["draft", draft],
  ] as const) {
    const make = model.session.bind(model);
    model.session = () => {
      const session = make();
      const forward = session.forward.bind(session);
      session.forward = (request) => {
        forwards.push({ of, numRows: request.tokens.length });
        return forward(request);
      };
      return session;
    };
  }
  return {
    take() {
      const taken = forwards;
      forwards = [];
      return taken;
    },
  };
}

/**
 * What a run behind its first step cost, as docs/figures.md has it: forwards that read the prompt, and those that ran ahead of
 * the end, are left out. `readsDrafts`: each draft is waited for as well, which a step's `waits` doesn't count.
 */
export function countedCosts(
  forwards: readonly Forward[],
  { events, done, prices, readsDrafts }: CountedRun,
): CountedCosts {
  const firstTarget = forwards.findIndex(({ of }) => of === "target");
  let left = done.metrics.forwards - 1;
  const counted: Forward[] = [];
  for (const forward of forwards.slice(firstTarget + 1)) {
    if (left === 0) break;
    counted.push(forward);
    if (forward.of === "target") left--;
  }
  const sumOf = (of: Forward["of"], cost: (numRows: number) => number) =>
    counted.reduce((total, forward) => total + (forward.of === of ? cost(forward.numRows) : 0), 0);
  const first = events.find((event) => event.type === "step" && writtenBy(event) > 0);
  const numWaits = done.metrics.waits - (first?.type === "step" ? first.waits : 0);
  return {
    tokens: done.ids.length - (first ? writtenBy(first) : 0),
    verifying: sumOf("target", (numRows) => costOfRows(prices.target, numRows)),
    drafting: sumOf("draft", (numRows) => costOfRows(prices.draft, numRows)) * prices.draftForward,
    waiting: (numWaits + (readsDrafts ? sumOf("draft", () => 1) : 0)) * prices.wait,
  };
}

/** A run, and by what it is priced. */
interface CountedRun {
  events: readonly GenerationEvent[];
  done: DoneEvent;
  prices: Prices;
  readsDrafts: boolean;
}

/** Tokens that a step committed. */
function writtenBy(event: GenerationEvent): number {
  const edits = event.type === "step" ? event.edits : [];
  return edits.filter((edit) => edit.op !== "delete" && edit.state === "committed").length;
}
