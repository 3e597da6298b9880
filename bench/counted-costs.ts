import type { DoneEvent, GenerationEvent } from "../src/events.js";
import type { CountedCosts } from "../src/figures.js";
import { type CostCurve, costOfRows } from "../src/model/cost-curve.js";
import type { Model } from "../src/model/session.js";

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
 * the end, are left out. `waits`: whether each verdict was waited for, and each draft.
 */
export function countedCosts(
  forwards: readonly Forward[],
  {
    events,
    done,
    prices,
    waits,
  }: { events: readonly GenerationEvent[]; done: DoneEvent; prices: Prices; waits: Waits },
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
  const numVerdicts = counted.filter(({ of }) => of === "target").length;
  const numWaits = (waits === "none" ? 0 : numVerdicts) + (waits === "drafts" ? counted.length - numVerdicts : 0);
  return {
    tokens: done.ids.length - tokensOfFirstStep(events),
    verifying: sumOf("target", (numRows) => costOfRows(prices.target, numRows)),
    drafting: sumOf("draft", (numRows) => costOfRows(prices.draft, numRows)) * prices.draftForward,
    waiting: numWaits * prices.wait,
  };
}

/** What a way to draft waits for while the device has nothing to do. */
export type Waits = "none" | "verdicts" | "drafts";

function tokensOfFirstStep(events: readonly GenerationEvent[]): number {
  for (const event of events) {
    if (event.type !== "step") continue;
    const written = event.edits.filter((edit) => edit.op !== "delete" && edit.state === "committed").length;
    if (written > 0) return written;
  }
  return 0;
}
