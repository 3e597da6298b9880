import type { Ended, Outcome, Running } from "./outcome.js";
import type { Section } from "./section.js";

/** How the sections are run. */
export interface InTurn {
  /** What an earlier report has of sections that aren't run again, by name. */
  kept?: ReadonlyMap<string, Outcome>;
  /** Begins a section, given what those before it found. */
  start(name: string, earlier: Readonly<Record<string, unknown>>): Running;
  /** Told after each section how all have gone so far: a report is there whatever comes next. */
  save(outcomes: readonly Outcome[]): void;
  say(text: string): void;
  signal: AbortSignal;
  /** A section may take so long. */
  limitMs: number;
  clock?: () => number;
}

/**
 * Runs sections one after the other. One that fails, hangs or takes its process with it is reported so, and the rest goes on;
 * without an adapter nothing does, and what comes behind a stop is marked.
 */
export async function runInTurn(
  sections: readonly Pick<Section, "name" | "title">[],
  { kept = new Map(), start, save, say, signal, limitMs, clock = () => performance.now() }: InTurn,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const earlier: Record<string, unknown> = {};
  for (const { name, title } of sections) {
    const startMs = clock();
    const before = kept.get(name);
    const ended = before ?? (await endOf(() => start(name, earlier), outcomes, signal, limitMs));
    const outcome: Outcome = { name, title, elapsedMs: Math.round(clock() - startMs), ...ended };
    if (outcome.status === "done") earlier[name] = outcome.data;
    else if (!before) say(`${name} ${outcome.status}: ${outcome.why}`);
    outcomes.push(outcome);
    save(outcomes);
  }
  return outcomes;
}

type End = Pick<Outcome, "status" | "why" | "data" | "othersShare">;

async function endOf(
  start: () => Running,
  before: readonly Outcome[],
  signal: AbortSignal,
  limitMs: number,
): Promise<End> {
  const stopped: End = { status: "stopped", why: "the report was stopped" };
  if (signal.aborted) return stopped;
  const adapter = before.find(({ name }) => name === "adapter");
  if (adapter && adapter.status !== "done") return { status: "not run", why: "there is no adapter to measure" };
  const running = start();
  let timer: NodeJS.Timeout | undefined;
  let stop = () => {};
  const interrupted = new Promise<End>((resolve) => {
    stop = () => resolve(stopped);
    signal.addEventListener("abort", stop, { once: true });
    const why = `it took more than ${limitMs / 60_000} minutes`;
    timer = setTimeout(() => resolve({ status: "failed", why }), limitMs);
  });
  try {
    return await Promise.race([running.ended.then(asEnd), interrupted]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    running.stop();
    await running.ended;
  }
}

function asEnd(ended: Ended): End {
  return "data" in ended ? { status: "done", ...ended } : ended;
}
