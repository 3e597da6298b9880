import type { Gpu } from "../src/gpu/device.js";
import { GREEDY, type Model } from "../src/model/session.js";
import { rotated } from "./compare.js";

const ROWS = [1, 2, 3, 4, 5, 6, 8];
const CONTEXT = 64;
const NUM_ROUNDS = 7;
const NUM_FORWARDS = 6;

/** In forwards of one row of the target. */
export interface Costs {
  /** A forward and its selection, by rows. */
  forward: Record<string, number>;
  /** A forward of the draft, and its selection. */
  draft: number;
}

/** Smallest times over some rounds, interleaved; each of several forwards behind 64 kept tokens. */
export async function timeCosts(gpu: Gpu, target: Model, draft: Model): Promise<Costs> {
  const subjects = [...ROWS.map((numRows) => ({ model: target, numRows })), { model: draft, numRows: 1 }];
  const times = new Map(subjects.map((subject) => [subject, Number.POSITIVE_INFINITY]));
  const sessions = new Map([target, draft].map((model) => [model, model.session()]));
  for (const session of sessions.values()) {
    session.forward({ tokens: new Array(CONTEXT).fill(5), attend: "causal", rows: [], keep: CONTEXT });
  }
  // The first round compiles.
  for (let index = 0; index <= NUM_ROUNDS; index++) {
    for (const subject of rotated(subjects, index)) {
      const session = sessions.get(subject.model);
      const tokens = new Array<number>(subject.numRows).fill(7);
      await gpu.device.queue.onSubmittedWorkDone();
      const startMs = performance.now();
      for (let i = 0; i < NUM_FORWARDS; i++) {
        session?.forward({ tokens, attend: "causal", rows: "all", keep: 0 }).sample(GREEDY);
      }
      gpu.queue.flush();
      await gpu.device.queue.onSubmittedWorkDone();
      const elapsedMs = performance.now() - startMs;
      if (index > 0) times.set(subject, Math.min(times.get(subject) ?? elapsedMs, elapsedMs));
    }
  }
  for (const session of sessions.values()) session.dispose();
  const [one] = times.values();
  const costs = [...times].map(([subject, ms]) => ({ ...subject, cost: Number((ms / one).toFixed(3)) }));
  const ofTarget = costs.filter(({ model }) => model === target);
  return {
    forward: Object.fromEntries(ofTarget.map(({ numRows, cost }) => [numRows, cost])),
    draft: costs.find(({ model }) => model === draft)?.cost ?? 1,
  };
}
