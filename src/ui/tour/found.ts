import type { GenerationEvent, SlotId, StepEvent } from "../../vocabulary/events.js";
import { RunView, type Seen } from "../run-view.js";
import type { Transition } from "../transition.js";

/** Events of one pane's run. */
export type Events = readonly GenerationEvent[];

/** A step of a race at which something is to be seen: the pane by its place, and the step from 1 on. */
export interface Found {
  pane: number;
  step: number;
}

/** One step, with how many slots it moved in each way. */
interface Counted extends Seen {
  event: StepEvent;
  of(move: Transition): number;
  /** Whether a mask stands before a place that it filled. */
  isOutOfOrder: boolean;
}

/** The steps of a run. */
function stepsOf(events: Events): Counted[] {
  const run = new RunView();
  const order: SlotId[] = [];
  const masks = new Set<SlotId>();
  const steps: Counted[] = [];
  run.subscribe((seen) => {
    const { event, changes } = seen;
    for (const { edit } of changes) {
      if (edit.op === "insert") order.splice(edit.after === null ? 0 : order.indexOf(edit.after) + 1, 0, edit.slot);
      if (edit.op === "delete") order.splice(order.indexOf(edit.slot), 1);
      if (edit.op !== "delete" && edit.state === "mask") masks.add(edit.slot);
      else masks.delete(edit.slot);
    }
    if (event.type !== "step") return;
    const filled = changes.filter(({ move }) => move === "unmask").map(({ edit }) => order.indexOf(edit.slot));
    const firstMask = order.findIndex((slot) => masks.has(slot));
    steps.push({
      ...seen,
      event,
      of: (move) => changes.filter((change) => change.move === move).length,
      isOutOfOrder: firstMask >= 0 && filled.some((place) => place > firstMask),
    });
  });
  for (const event of events) run.add(event);
  return steps;
}

/** The first step for which `find` tells something, in the first pane that has one. */
function firstOf<T>(
  runs: readonly Events[],
  find: (step: Counted, before: readonly Counted[]) => T | null,
): (Found & T) | null {
  for (const [pane, events] of runs.entries()) {
    const steps = stepsOf(events);
    for (const [i, step] of steps.entries()) {
      const told = find(step, steps.slice(0, i));
      if (told) return { pane, step: i + 1, ...told };
    }
  }
  return null;
}

const isWriting = ({ of }: Counted) => of("append") + of("unmask") + of("accept") > 0;

/** The moment by which every run that writes has written something: the first writing step of the run that came to it last. */
export function allHaveBegun(runs: readonly Events[]): Found | null {
  const firsts = runs.flatMap((events, pane) => {
    const steps = stepsOf(events);
    const i = steps.findIndex(isWriting);
    return i < 0 ? [] : [{ pane, step: i + 1, ownMs: steps[i].event.ownMs }];
  });
  const [last] = firsts.sort((a, b) => b.ownMs - a.ownMs);
  return last ? { pane: last.pane, step: last.step } : null;
}

/** A forward pass that wrote one token, behind that which read the prompt, of a run without masks and drafts. */
export function oneByOne(runs: readonly Events[]): (Found & { tokens: number; forwards: number }) | null {
  const isPlain = (events: Events) => stepsOf(events).every(({ of }) => of("open") + of("unmask") + of("draft") === 0);
  const plain = runs.map((events) => (isPlain(events) ? events : []));
  return firstOf(plain, ({ event, of }, before) => {
    if (before.length === 0 || event.forwards !== 1 || of("append") !== 1) return null;
    const sum = (read: (step: Counted) => number) => before.reduce((all, step) => all + read(step), 1);
    return { tokens: sum((step) => step.of("append")), forwards: sum((step) => step.event.forwards) };
  });
}

/** A forward pass that filled several masks, better one that left a mask before one of them; where there is none, one that filled a single one. */
export function masksFilled(runs: readonly Events[]): (Found & { filled: number; isOutOfOrder: boolean }) | null {
  const filling = (least: number, isAnyOrder: boolean) =>
    firstOf(runs, ({ event, of, isOutOfOrder }) => {
      const filled = of("unmask");
      const isIt = event.forwards === 1 && filled >= least && (isAnyOrder || isOutOfOrder);
      return isIt ? { filled, isOutOfOrder } : null;
    });
  return filling(2, false) ?? filling(2, true) ?? filling(1, true);
}

/** A check of drafts that rejected some, where possible; else one that kept all. */
export function draftsJudged(runs: readonly Events[]): (Found & { kept: number; rejected: number }) | null {
  const judging = (leastRejected: number) =>
    firstOf(runs, ({ of }) => {
      const [kept, rejected] = [of("accept"), of("reject")];
      return kept + rejected > 0 && rejected >= leastRejected ? { kept, rejected } : null;
    });
  return judging(1) ?? judging(0);
}

/** What a run came to by both clocks. */
export interface Cost {
  pane: number;
  forwards: number;
  ownMs: number;
}

/** Of two runs that ended, one that writes token by token and that which took the fewest passes, fewer than it; null where there aren't two such. */
export function fewerPasses(runs: readonly Events[]): { plain: Cost; fewest: Cost } | null {
  const one = oneByOne(runs);
  const costs = runs.flatMap((events, pane): Cost[] => {
    const last = events.at(-1);
    return last?.type === "done" ? [{ pane, forwards: last.metrics.forwards, ownMs: last.metrics.ownMs }] : [];
  });
  const plain = costs.find(({ pane }) => pane === one?.pane);
  const [fewest] = costs.sort((a, b) => a.forwards - b.forwards);
  return plain && fewest.forwards < plain.forwards ? { plain, fewest } : null;
}
