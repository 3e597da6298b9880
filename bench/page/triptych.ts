import { costOfRows, curveOf, draftingCost } from "../../src/seam/cost-curve.js";
import type * as Library from "../../src/index.js";
import { Rounds } from "../../src/ui/rounds.js";
import { RunView } from "../../src/ui/run-view.js";
import type { Contender, DraftingCosts, TriptychDevice } from "./contender.js";
import { type Arrival, decodeRate } from "./rate.js";

/** The built library, as any page would import it. */
export async function library(): Promise<typeof Library> {
  const url = "/dist/index.js";
  return import(/* @vite-ignore */ url);
}

/** The costs that a run of this page told of last, a draft model's among them. */
let known: DraftingCosts | null = null;

/** The most that a run's counts allow: by its own costs, else by those that another run has told of. */
function largestOf(rounds: Rounds): number | undefined {
  const own = rounds.predict(null);
  if (own || !known) return own?.largest;
  const curve = curveOf(known.forward);
  const draft_cost = rounds.hasDraftModel ? (known.draft ?? 0) : 0;
  const drafting = (numDrafts: number) => draftingCost({ draft_cost }, curve, numDrafts);
  return rounds.cost({ drafting, waiting: 0, forward: (numRows) => costOfRows(curve, numRows) })?.largest;
}

/** Triptych through its public interface: a worker of its own, events pushed to the page; greedy unless it is told. */
export async function loadTriptych(
  folder: string,
  { draftUrl, device = "webgpu" }: { draftUrl?: string; device?: TriptychDevice } = {},
): Promise<Contender> {
  const { load } = await library();
  const model = await load(folder, { device });
  const draft = draftUrl === undefined ? undefined : await load(draftUrl, { device });
  return {
    device: `${model.device.name}: ${model.device.why}`,
    async generate(promptIds, numNewTokens, sampling = { temperature: 0 }) {
      const arrivals: Arrival[] = [];
      let costs: DraftingCosts | undefined;
      const rounds = new Rounds();
      const view = new RunView();
      view.subscribe((seen) => rounds.add(seen));
      const startMs = performance.now();
      for await (const event of model.generate(promptIds, { max_new_tokens: numNewTokens, draft, ...sampling })) {
        view.add(event);
        if (event.type === "start" && event.options.num_assistant_tokens_schedule === "adaptive") {
          const { forward_costs, draft_cost, wait_cost } = event.options;
          const forward = forward_costs as DraftingCosts["forward"];
          costs = { forward, draft: draft_cost as number | null, wait: Number(wait_cost) };
          if (costs.draft !== null) known = costs;
        }
        if (event.type === "step") {
          const numTokens = event.edits.filter((edit) => edit.op !== "delete" && edit.state === "committed").length;
          if (numTokens > 0) arrivals.push({ atMs: performance.now(), numTokens });
        }
        if (event.type === "done") {
          return {
            ids: event.ids,
            timeToFirstTokenMs: arrivals[0].atMs - startMs,
            totalMs: performance.now() - startMs,
            tokensPerSecond: decodeRate(arrivals, startMs),
            workerTokensPerSecond: event.metrics.tokensPerSecond,
            counts: event.metrics,
            predicted: rounds.predict(null)?.speedUp,
            largest: largestOf(rounds),
            costs,
          };
        }
      }
      throw new Error("the run ended without a done event");
    },
  };
}
