import type * as Library from "../../src/index.js";
import { Rounds } from "../../src/ui/rounds.js";
import type { Contender, DraftingCosts } from "./contender.js";
import { type Arrival, decodeRate } from "./rate.js";

/** The built library, as any page would import it. */
export async function library(): Promise<typeof Library> {
  const url = "/dist/index.js";
  return import(/* @vite-ignore */ url);
}

/** Triptych through its public interface: a worker of its own, events pushed to the page; greedy unless it is told. */
export async function loadTriptych(folder: string, draftFolder?: string): Promise<Contender> {
  const { load } = await library();
  const model = await load(folder);
  const draft = draftFolder === undefined ? undefined : await load(draftFolder);
  return {
    async generate(promptIds, numNewTokens, sampling = { temperature: 0 }) {
      const arrivals: Arrival[] = [];
      let costs: DraftingCosts | undefined;
      const rounds = new Rounds();
      const startMs = performance.now();
      for await (const event of model.generate(promptIds, { max_new_tokens: numNewTokens, draft, ...sampling })) {
        rounds.add(event);
        if (event.type === "start" && event.options.num_assistant_tokens_schedule === "adaptive") {
          const { forward_costs, draft_cost } = event.options;
          costs = { forward: forward_costs as DraftingCosts["forward"], draft: draft_cost as number | null };
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
            costs,
          };
        }
      }
      throw new Error("the run ended without a done event");
    },
  };
}
