import { type CostCurve, costOfRows } from "../../seam/cost-curve.js";
import { InvalidOptionError } from "../../vocabulary/errors.js";

/** Numbers of rows that are measured: the others lie near the lines between them. */
export const CURVE_ROWS: readonly number[] = [1, 2, 3, 4, 8, 16, 32, 64];

/** Those of `CURVE_ROWS` that tell the cost of any number of rows up to `mostRows`. */
export function rowsUpTo(mostRows: number): readonly number[] {
  const last = CURVE_ROWS.findIndex((numRows) => numRows >= mostRows);
  return last < 0 ? CURVE_ROWS : CURVE_ROWS.slice(0, last + 1);
}

/** What is timed, and by which clock. */
export interface CostTrial {
  /** Makes forwards of so many rows ready, so that none compiles while it is timed. Not in the budget. */
  warm(numRows: number): Promise<void>;
  /** Milliseconds of so many forwards of so many rows; of none, what a sample costs by itself. */
  time(numRows: number, repetitions: number): Promise<number>;
  /** Milliseconds of so many forwards of one row, each of which waits for the result of the one before. */
  timeWaited(repetitions: number): Promise<number>;
  clock: () => number;
  /** Timing ends about here; numbers of rows that weren't reached are guessed, and marked. */
  budgetMs: number;
  /** Where even the least that is timed takes longer, nothing is: `InvalidOptionError` with the code `slow_costs`. Left out: it takes what it takes. */
  mostMs?: number;
  /** Told how many numbers of rows have been timed. */
  onProgress?(numDone: number, numRows: number): void;
}

const MAX_ROUNDS = 7;
/** Rounds of forwards of one row and of two, whatever the budget: all else is a multiple of the first. */
const MIN_ROUNDS = 3;
/**
 * A sample takes as long as so many forwards of one row, whatever its own rows, and no less than so long, but `enoughMs` are enough. Recording
 * before the device has anything to do and waking up behind it are then a small share, and the same one, of every sample.
 */
const SAMPLE = { forwards: 4, leastMs: 4, enoughMs: 50 };
/** Forwards of one row and of two, where one takes longer than `enoughMs`: the least by which there is a line to guess the others by. */
const LEAST_FORWARDS = 18;
/** A first use may take so many times as long as the next. */
const FIRST_USE = 4;
/** The least of so many is what a sample costs by itself. */
const EMPTY_SAMPLES = 4;
/** Forwards in a row that each wait, and how many such rows are timed, each beside as many that don't. */
const WAITED = { forwards: 4, samples: 3 };

/**
 * v(M) for the given numbers of rows (ascending, from 1), in interleaved rounds. The smaller ones come
 * first: when the budget ends before the larger ones, those are guessed.
 */
export async function measureCosts(rows: readonly number[], trial: CostTrial): Promise<CostCurve> {
  const { budgetMs, clock } = trial;
  let spentMs = 0;
  const sample = async (numRows: number, repetitions: number) => {
    const startMs = clock();
    const elapsedMs = await trial.time(numRows, repetitions);
    spentMs += clock() - startMs;
    return elapsedMs;
  };
  await trial.warm(1);
  let emptyMs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < EMPTY_SAMPLES; i++) emptyMs = Math.min(emptyMs, await sample(1, 0));
  const repetitions: number[] = [];
  /** Milliseconds of a forward, by number of rows and round. */
  const times: number[][] = rows.map(() => []);
  const once = async (i: number, round: number) => {
    const elapsedMs = (await sample(rows[i], repetitions[i])) - emptyMs;
    times[i][round] = Math.max(0, elapsedMs) / repetitions[i];
  };
  const leastMs = (i: number) => Math.min(...times[i].filter((ms) => ms !== undefined));

  // One row and two always, so that there is a line to guess the others by; the next may cost twice the last.
  let sampleMs = SAMPLE.leastMs;
  let numMeasured = 0;
  for (; numMeasured < rows.length; numMeasured++) {
    const i = numMeasured;
    if (i >= 2) {
      const neededMs = (MIN_ROUNDS - 1) * 2 * sampleMs;
      const nextMs = 2 * leastMs(i - 1);
      if (spentMs + neededMs + 2 * nextMs + Math.max(sampleMs, nextMs) > budgetMs) break;
    }
    if (i > 0) await trial.warm(rows[i]);
    // Drivers finish compiling at the first use, which isn't in the budget either.
    const firstUseMs = await trial.time(rows[i], 1);
    // Compiling takes some of the first use, but not nearly all where it takes so much.
    if (i === 0) refuseSlow(firstUseMs, FIRST_USE * (trial.mostMs ?? Number.POSITIVE_INFINITY));
    const quickMs = await sample(rows[i], 1);
    if (i === 0) refuseSlow(quickMs, trial.mostMs ?? Number.POSITIVE_INFINITY);
    const firstMs = Math.min(quickMs, await sample(rows[i], 1)) - emptyMs;
    if (i === 0) sampleMs = Math.max(SAMPLE.leastMs, Math.min(SAMPLE.forwards * firstMs, SAMPLE.enoughMs));
    repetitions[i] = Math.max(1, Math.ceil(sampleMs / Math.max(firstMs, sampleMs / 64)));
    if (repetitions[i] === 1) times[i][0] = Math.max(0, firstMs);
    else await once(i, 0);
    trial.onProgress?.(i + 1, rows.length);
  }
  for (let round = 1; round < MAX_ROUNDS; round++) {
    for (let turn = 0; turn < numMeasured; turn++) {
      const i = round % 2 === 0 ? turn : numMeasured - 1 - turn;
      const isNeeded = i < 2 && round < MIN_ROUNDS;
      if (isNeeded || spentMs + leastMs(i) * repetitions[i] <= budgetMs) await once(i, round);
    }
  }

  const waitsMs: number[] = [];
  const numWaited = Math.min(WAITED.forwards, repetitions[0]);
  for (let i = 0; i < WAITED.samples; i++) {
    const waitedMs = await trial.timeWaited(numWaited);
    waitsMs.push((waitedMs - ((await trial.time(1, numWaited)) - emptyMs)) / numWaited);
  }

  const ratios = times.slice(0, numMeasured).map((own) => ratioOf(own, times[0]));
  // More rows are never less work: where fewer seem to take longer, it was something else that took the time.
  for (let i = numMeasured - 2; i >= 0; i--) ratios[i] = Math.min(ratios[i], ratios[i + 1]);
  const known = { rows: rows.slice(0, numMeasured), ratio: ratios.map((ratio) => Math.max(1, ratio)) };
  known.ratio[0] = 1;
  return {
    rows: [...rows],
    ratio: rows.map((numRows) => costOfRows(known, numRows)),
    numMeasured,
    forwardMs: leastMs(0),
    waitMs: Math.max(0, middle(waitsMs)),
  };
}

/** Ends before anything else is timed, where a forward is so slow that the rest would take longer than is asked for. */
function refuseSlow(forwardMs: number, mostMs: number): void {
  const neededMs = LEAST_FORWARDS * forwardMs;
  if (neededMs <= mostMs) return;
  const seconds = (ms: number) => (ms / 1000).toPrecision(2);
  throw new InvalidOptionError(
    `A forward takes ${seconds(forwardMs)} s here: timing what forwards cost would take ${seconds(neededMs)} s before the text.`,
    "slow_costs",
  );
}

/**
 * What forwards take by those of one row, in the same round and those beside it: a machine that is slower for a while is slower
 * for both. The middle of the rounds, so that what disturbs one of them isn't in the figure.
 */
function ratioOf(own: readonly number[], ofOneRow: readonly number[]): number {
  const ratios = own.flatMap((ms, round) => {
    const near = ofOneRow.slice(Math.max(0, round - 1), round + 2).filter((one) => one > 0);
    return near.length > 0 ? [ms / middle(near)] : [];
  });
  return ratios.length > 0 ? middle(ratios) : 1;
}

/** The value in the middle; the smaller of two. */
function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}
