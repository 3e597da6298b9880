import { sample } from "../../../seam/questions/sample.js";
import { unmask } from "../../../seam/questions/unmask.js";
import { verify } from "../../../seam/questions/verify.js";
import type { Kernel } from "../gpu/kernel.js";
import type { ForwardRequest } from "../../../seam/forward.js";
import type { Rows } from "../../../seam/rows.js";
import { GREEDY } from "../../../seam/sampler.js";
import type { Session } from "../../../seam/session.js";
import type { ComingRun } from "../../../seam/usual-forwards.js";
import { KEYS_OF_LONG_TEXTS } from "../ops/attention.js";
import type { Transformer } from "../plan/transformer.js";
import type { WebGpuModel } from "../session/webgpu-model.js";
import { WebGpuSession } from "../session/webgpu-session.js";

/** Rows of the prompt that is rehearsed: enough for the tile that long ones take. */
const PROMPT_ROWS = 65;

/**
 * The kernels of a first run: a token a forward, or a block where the model was trained on them; and where pipelines
 * compile beside each other, draws and a long prompt too. On an emulated GPU compiling is what a first token waits for,
 * so that only the least is compiled: tiles stand in for each other. Found by recording such a run on a session that is
 * thrown away. Whatever else is needed compiles at its first use.
 */
export function kernelsOfFirstRun(model: WebGpuModel): ReadonlySet<Kernel> {
  const { capabilities, maxRows, gpu } = model.transformer;
  const session = model.session();
  const { kernels } = gpu;
  const { mayStandIn } = kernels;
  kernels.mayStandIn = false;
  try {
    return gpu.queue.rehearse(() => {
      const forward = (numRows: number, how: Pick<ForwardRequest, "attend" | "rows">): Rows => {
        session.truncate(0);
        return session.forward({ tokens: new Array<number>(numRows).fill(0), keep: numRows, ...how });
      };
      const samplers = gpu.facts.isSoftware ? [GREEDY] : [GREEDY, { ...GREEDY, temperature: 1 }];
      const [block] = capabilities.blockLengths;
      for (const sampler of samplers) {
        if (block === undefined) {
          forward(1, { attend: "causal", rows: "last" }).ask(sample(sampler));
        } else {
          const rows = forward(Math.min(block, maxRows), { attend: { block }, rows: "all" });
          rows.ask(unmask(sampler, { order: "confidence", quota: 1, draw: 0 }));
        }
      }
      if (!gpu.facts.isSoftware) forward(Math.min(PROMPT_ROWS, maxRows), { attend: "causal", rows: "last" });
    });
  } finally {
    kernels.mayStandIn = mayStandIn;
    session.dispose();
  }
}

/** By model, the kinds of runs that it is warm for, or will be soon. */
const warmed = new WeakMap<Transformer, Map<string, Promise<void>>>();

/**
 * Compiles what a run's usual forwards and its prompt need, off this thread: else its first steps wait for it, and those of all
 * runs beside it. Found by recording them on the run's own sessions without sending, once for each kind of run.
 */
export async function warmUpFor(run: ComingRun): Promise<void> {
  const { forwards, sampler, promptLength, target, draft } = run;
  if (!(target instanceof WebGpuSession)) return;
  const kinds = warmed.get(target.sequence.model) ?? new Map<string, Promise<void>>();
  warmed.set(target.sequence.model, kinds);
  const kind = JSON.stringify([forwards, { ...sampler, seed: 0 }, promptLength, lengthsOf(run), draft !== undefined]);
  const warming = kinds.get(kind) ?? compileFor(run, target);
  kinds.set(kind, warming);
  warming.catch(() => kinds.delete(kind));
  await warming;
}

/** Behind how much text attention has other kernels, as far as a run's last forwards are. */
function lengthsOf({ promptLength, maxNewTokens }: ComingRun): number[] {
  return KEYS_OF_LONG_TEXTS.filter((length) => promptLength + maxNewTokens > length);
}

async function compileFor(run: ComingRun, target: WebGpuSession): Promise<void> {
  const { forwards, sampler, promptLength, draft } = run;
  const { drawn = [], asked = sample(sampler), verified = [], filled, drafted = [], isMeasured = false } = forwards;
  const { gpu, maxRows } = target.sequence.model;
  const { kernels } = gpu;
  const { mayStandIn } = kernels;
  const needed = new Set<Kernel>();
  // A prompt stands at the beginning; what is read over and over stands behind it, soon behind a long text.
  const everywhere = [0, ...lengthsOf(run)];
  const need = (session: Session | undefined, rowCounts: readonly number[], usual: Usual, places = everywhere) => {
    for (const behind of places) {
      for (const kernel of kernelsOf(session, rowCounts, { ...usual, behind })) needed.add(kernel);
    }
  };
  const draw: Usual = { numWanted: 1, select: (rows) => rows.ask(asked) };
  const drafts: Usual = { numWanted: 1, select: (rows) => rows.ask(sample(sampler)) };
  const most = Math.max(0, ...verified);
  const judged: Usual = { numWanted: most, isKept: true, select: (rows) => target.keep(rows.ask(verify(sampler))) };
  const quota = { order: "confidence", quota: 1, draw: 0 } as const;
  await Promise.all([target.settle(), draft?.settle()]);
  try {
    const prompt = Math.min(promptLength, maxRows);
    need(target, [prompt], draw, [0]);
    need(draft, [prompt], drafts, [0]);
    // What is drafted behind a prompt is verified with it.
    if (most > 0) need(target, [prompt + most - 1], judged, [0]);
    if (filled !== undefined) {
      const select = (rows: Rows) => rows.ask(unmask(sampler, quota));
      need(target, [filled, 2 * filled], { attend: { block: filled }, numWanted: filled, select });
    }
    kernels.mayStandIn = mayStandIn && !isMeasured;
    need(target, drawn, draw);
    need(target, verified, judged);
    need(draft, drafted, drafts);
  } finally {
    kernels.mayStandIn = mayStandIn;
  }
  await Promise.all([...needed].map((kernel) => kernel.warmUp()));
  await Promise.all([target.settle(), draft?.settle()]);
}

/** A kind of forward: logits of how many of its last rows are wanted, and what is done with them. */
interface Usual {
  /** Tokens that the session is taken to hold, if it holds fewer and as far as it has room; left out: 0. */
  behind?: number;
  attend?: ForwardRequest["attend"];
  numWanted: number;
  /** What stands before the wanted rows is kept, and the first of them. */
  isKept?: true;
  select(rows: Rows): unknown;
}

/** The kernels of such forwards of so many rows each, as far as the session has room; it is as it was afterwards. */
function kernelsOf(session: Session | undefined, rowCounts: readonly number[], usual: Usual): ReadonlySet<Kernel> {
  const kernels = new Set<Kernel>();
  if (!(session instanceof WebGpuSession)) return kernels;
  const { behind = 0, attend = "causal", numWanted, isKept = false, select } = usual;
  const { gpu, maxRows, capabilities } = session.sequence.model;
  const length = session.maxLength;
  for (const numRows of rowCounts) {
    const room = capabilities.maxLength - length - numRows;
    // A text that begins with a hole has no prompt before it.
    if (numRows < 1 || numRows > maxRows || room < 0) continue;
    const first = Math.max(0, numRows - numWanted);
    const rows = Array.from({ length: numRows - first }, (_, i) => first + i);
    const zeros = (count: number) => new Array<number>(count).fill(0);
    const keep = Math.max(0, Math.min(behind - length, room));
    if (keep > 0) gpu.queue.rehearse(() => session.forward({ tokens: zeros(keep), attend: "causal", rows: [], keep }));
    const record = () => {
      select(session.forward({ tokens: zeros(numRows), attend, rows, keep: isKept ? first + 1 : 0 }));
      session.truncate(length);
    };
    for (const kernel of gpu.queue.rehearse(record)) kernels.add(kernel);
  }
  return kernels;
}
