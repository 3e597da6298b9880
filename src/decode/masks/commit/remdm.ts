import { counted } from "../../../vocabulary/counted.js";
import { PURPOSE, uniform } from "../../../sampling/noise.js";
import { changesNothing } from "../../inert-options.js";
import { invalidValue, type OptionValues } from "../../options.js";
import { REVISED, SEVERAL, several } from "./claims.js";
import type { BlockShape, BlockState, Candidate, CommitRule, Reviser, Revision } from "./rule.js";
import { checkSteps, committedShare, isOneStep, STEP_OPTIONS, stepCounts, stepsOf } from "./steps.js";

/**
 * The ancestral sampler whose tokens may be masked again (ReMDM, arXiv 2503.00307). From time t to s, with α the
 * share that is open: an open token closes with probability σ, a closed one opens with (α_s - (1 - σ) α_t) / (1 - α_t), so that
 * a share α_s is open again. Steps in which nothing opens take no forward.
 */
export const remdm: CommitRule = {
  name: "remdm",
  summary: "as ancestral, and what was written may be masked again; interrupted, a run goes on at about its step",
  options: {
    ...STEP_OPTIONS,
    remask: {
      type: "enum",
      label: "Masks again by",
      doc: "cap: with probability eta; rescale: with eta times the most there may be; conf: the most, shared out to the least sure; loop: as cap while nine tenths are open, which half of the steps keep so",
      values: ["cap", "rescale", "conf", "loop"],
      default: "rescale",
    },
    eta: {
      type: "number",
      label: "Share masked again",
      doc: "How much is masked again, for cap, rescale and loop; 0 is ancestral; unless given the paper's: cap 0.008, rescale 0.015, loop 0.02",
      default: null,
      min: 0,
      max: 1,
    },
  },
  isOneStep,
  check(options, shape) {
    checkSteps(options, shape);
    if (options.remask === "conf" && options.eta !== null) {
      throw invalidValue("eta", options.eta, "remask conf masks as much again as there may be: leave eta out");
    }
    if (options.remask === "loop" && options.schedule === "cosine") {
      throw invalidValue("schedule", options.schedule, "remask loop rises and ends linearly: leave schedule out");
    }
    const { remask, eta } = options;
    const isChosen = remask !== null && remask !== "rescale";
    const may = (chosen: OptionValues) =>
      stepCounts(options, shape).some(([, numSteps]) => mayRemask(chosen, numSteps));
    if (eta !== null && !may({ remask: remask ?? "rescale", schedule: options.schedule, eta: 1 })) {
      throw changesNothing(
        `eta ${String(eta)}`,
        `in ${stepsSaid(options, shape)}, none of which could mask anything again`,
      );
    }
    if (!isChosen || (remask === "loop" && !isOneStep(options, shape))) return;
    if (eta === 0) throw changesNothing(`remask ${String(remask)}`, "beside eta 0, by which nothing is masked again");
    if (!may({ remask, schedule: options.schedule, eta: 1 })) {
      throw changesNothing(
        `remask ${String(remask)}`,
        `in ${stepsSaid(options, shape)}, none of which could mask anything again`,
      );
    }
  },
  claim: ({ remask }) => several(SEVERAL, remask === "conf" ? REVISED : REMASKED),
  altersLaw: ({ remask }) => remask === "conf",
  touchesOne: (options, shape) => stepCounts(options, shape).some(([, numSteps]) => mayRemask(options, numSteps)),
  choice: { begin: () => new Remasking() },
};

/** Whether in any of so many steps a token may be masked again: not in the first, before which there is none, nor in the last. */
function mayRemask(options: OptionValues, numSteps: number): boolean {
  return Array.from({ length: numSteps }, (_, step) => step / numSteps).some((done) => {
    const [before, after] = [openShare(options, done), openShare(options, done + 1 / numSteps)];
    const largest = largestSigma(before, after);
    return before > 0 && largest > 1e-9 && (options.remask === "conf" || sigmaOf(largest, options, done) > 0);
  });
}

function stepsSaid({ steps, denoising_steps }: OptionValues, { most }: BlockShape): string {
  if (denoising_steps !== null) return `denoising_steps ${String(denoising_steps)}`;
  return steps === null ? `blocks of ${counted(most, "mask")} at most` : `steps ${String(steps)}`;
}

const REMASKED = "written tokens are masked again at random";

/** The paper's. */
const ETAS: Readonly<Record<string, number>> = { cap: 0.008, rescale: 0.015, loop: 0.02 };
/** The paper's loop: times, from 1 down to 0, at which it begins and ends, and the share that is open between. */
const LOOP = { on: 0.55, off: 0.05, share: 0.9 };

/** Share of a block that is open after a share `done` of its steps. */
export function openShare({ remask, schedule }: OptionValues, done: number): number {
  if (remask !== "loop") return committedShare(schedule, done);
  const time = 1 - done;
  if (time > LOOP.on) return (LOOP.share * done) / (1 - LOOP.on);
  return time > LOOP.off ? LOOP.share : 1 - (time * (1 - LOOP.share)) / LOOP.off;
}

/** P(opens) of a closed position from α_t to α_s, where open ones close with probability `sigma`. */
export function openingRate(alphaT: number, alphaS: number, sigma: number): number {
  return (alphaS - (1 - sigma) * alphaT) / (1 - alphaT);
}

/** Most that `sigma` may be from α_t to α_s. */
export function largestSigma(alphaT: number, alphaS: number): number {
  return alphaT === 0 ? 1 : Math.min(1, (1 - alphaS) / alphaT);
}

/** A position of the block as it goes through its steps. */
interface Place {
  position: number;
  /** Log-probability of its token when that was committed; null while it is masked. */
  logprob: number | null;
  /** P(still masked), since it was masked last in step `since`. */
  survival: number;
  since: number;
}

class Remasking implements Reviser {
  private block = -1;
  private step = 0;
  /** What was masked again is drawn with other noise than before. */
  draw = 0;
  private readonly places = new Map<number, Place>();

  revise(candidates: readonly Candidate[], block: BlockState): Revision {
    const numSteps = stepsOf(block);
    this.enter(candidates, block, numSteps);
    const before = new Map([...this.places].map(([position, { logprob }]) => [position, logprob]));
    const drawn = new Map(candidates.map(({ position, logprob }) => [position, logprob]));
    const isChanged = () =>
      [...this.places.values()].some(({ position, logprob }) => (logprob === null) !== (before.get(position) === null));
    while (this.step < numSteps) {
      const { opening, closing, survivals } = this.changes(block, numSteps);
      // What opens next is drawn from a law that the next forward gives.
      if (opening.length > 0 && isChanged()) break;
      this.step++;
      for (const [place, survival] of survivals) place.survival = survival;
      for (const place of opening) place.logprob = drawn.get(place.position) ?? 0;
      for (const place of closing) Object.assign(place, { logprob: null, survival: 1, since: this.step });
      this.draw += closing.length;
    }
    const isOpen = (position: number) => this.places.get(position)?.logprob !== null;
    return {
      commit: [...candidates.keys()].filter((i) => isOpen(candidates[i].position)),
      remask: [...before].flatMap(([position, logprob]) => (logprob !== null && !isOpen(position) ? [position] : [])),
      isSettled: this.step === numSteps,
    };
  }

  /** Begins a block; one that is partly written, at the step that has about so much open. */
  private enter(candidates: readonly Candidate[], block: BlockState, numSteps: number): void {
    if (this.block === block.index) return;
    this.block = block.index;
    this.places.clear();
    this.step = 0;
    const share = block.numCommitted / block.numMasks;
    while (this.step < numSteps - 1 && openShare(block.options, this.step / numSteps) < share) this.step++;
    const add = (position: number, logprob: number | null) =>
      this.places.set(position, { position, logprob, survival: 1, since: this.step });
    for (const { position } of candidates) add(position, null);
    for (const { position, logprob } of block.tentative) add(position, logprob);
  }

  /** Which places open and which close in the next step. */
  private changes({ options, seed }: BlockState, numSteps: number) {
    const done = this.step / numSteps;
    const [alphaT, alphaS] = [openShare(options, done), openShare(options, (this.step + 1) / numSteps)];
    const largest = largestSigma(alphaT, alphaS);
    const places = [...this.places.values()];
    const open = places.filter(({ logprob }) => logprob !== null);
    const sigmas = sigmasOf(open, largest, options, done);
    // By confidence, positions that are masked have no share in what closes.
    const shared = options.remask === "conf" ? 0 : sigmaOf(largest, options, done);
    const rate = openingRate(alphaT, alphaS, shared);
    const masked = places.filter(({ logprob }) => logprob === null);
    const survivals = new Map(masked.map((place) => [place, place.survival * (1 - rate)]));
    const opening = masked.filter((place) => {
      const isLast = this.step + 1 === numSteps;
      return isLast || 1 - (survivals.get(place) ?? 0) >= uniform(seed, PURPOSE.unmask, place.position, place.since, 0);
    });
    const closing = open.filter(({ position }, i) => uniform(seed, PURPOSE.remask, position, this.step, 0) < sigmas[i]);
    return { opening, closing, survivals };
  }
}

/** P(closes) of an open position in the step behind a share `done` of all. */
function sigmaOf(largest: number, { remask, eta }: OptionValues, done: number): number {
  const wanted = Number(eta ?? ETAS[String(remask)]);
  if (remask === "rescale") return wanted * largest;
  const isLooping = 1 - done <= LOOP.on && 1 - done > LOOP.off;
  return remask === "cap" || isLooping ? Math.min(wanted, largest) : 0;
}

function sigmasOf(open: readonly Place[], largest: number, options: OptionValues, done: number): number[] {
  if (options.remask !== "conf") return open.map(() => sigmaOf(largest, options, done));
  const weights = open.map(({ logprob }) => Math.exp(-Math.exp(logprob ?? 0)));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => (weight / total) * largest);
}
