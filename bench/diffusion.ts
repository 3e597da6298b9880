import path from "node:path";
import { root } from "../scripts/setup.mjs";
import { openNodeDevice } from "../src/backend/webgpu/node/node-gpu.js";
import { loadFolder, openFolder } from "../src/runtime/folder.js";
import { fileSource } from "../src/format/file-source.js";
import { generateOnce } from "../src/testing/generate-once.js";
import { score } from "../src/decode/likelihood/score.js";
import type { GenerationEvent, TokenId } from "../src/vocabulary/events.js";
import type { Model } from "../src/seam/model.js";
import type { Session } from "../src/seam/session.js";
import { type Law, TIMED_PROMPTS, writeDiffusionReport } from "./diffusion-report.js";
import { PLAIN, type Way, WAYS } from "./diffusion-ways.js";
import { bytesOf, ROW_SHARE } from "./gpu-cost.js";
import { beginReport, round } from "./report.js";
import { workload } from "./workload.js";

/** Commits in a run: tokens that came to stand on the canvas, also if they were deleted later. */
function numCommits(events: readonly GenerationEvent[]): number {
  const edits = events.flatMap((event) => (event.type === "step" ? event.edits : []));
  return edits.filter((edit) => edit.op !== "delete" && edit.state === "committed").length;
}

/** Has a model's sessions counted: the cost of all their forwards since it was last asked, in forwards of one row. */
function costsOf(model: Model): () => number {
  const sessions: Session[] = [];
  const make = model.session.bind(model);
  model.session = () => {
    const session = make();
    sessions.push(session);
    return session;
  };
  return () => {
    const counts = sessions.splice(0).map((session) => session.counts);
    return counts.reduce((sum, { forwards, rows }) => sum + forwards + ROW_SHARE * (rows - forwards), 0);
  };
}

/** `bench diffusion`: true when everything was measured. Counts but for one column, so there are no rounds. */
export async function diffusion(): Promise<boolean> {
  const report = beginReport("diffusion", null);
  const { prompts, numNewTokens } = workload.diffusion;
  const folder = (name: string) => openFolder(fileSource(path.join(root, "public/models", name)));
  const folders = {
    ar: await folder("story-ar"),
    draft: await folder("story-draft"),
    diffusion: await folder("story-diffusion"),
  };
  const gpu = await openNodeDevice({ software: true });
  const judge = await folder("stories260k");
  const judgeModel = await loadFolder(gpu, judge);
  const models = {
    ar: await loadFolder(gpu, folders.ar),
    draft: await loadFolder(gpu, folders.draft),
    diffusion: await loadFolder(gpu, folders.diffusion),
  };
  const write = (
    { decoder, options, second = decoder === "speculative" ? "draft" : "ar" }: Way,
    promptIds: readonly TokenId[],
    emit: (event: GenerationEvent) => void,
  ) =>
    generateOnce(
      {
        decoder,
        promptIds,
        options: { temperature: 0, ...options, max_new_tokens: numNewTokens },
        gpu,
        target: models[decoder === "block-diffusion" ? "diffusion" : "ar"],
        draft: models[second],
        folder: folders[decoder === "block-diffusion" ? "diffusion" : "ar"],
      },
      emit,
    );
  const costs = { ar: costsOf(models.ar), draft: costsOf(models.draft), diffusion: costsOf(models.diffusion) };
  /** In forwards of one row of `story-ar`. */
  const cost = () =>
    costs.ar() +
    (costs.draft() * bytesOf("story-draft") + costs.diffusion() * bytesOf("story-diffusion")) / bytesOf("story-ar");
  /** Nats of a text's ids under a causal model, all but the first. */
  const natsOf = async (model: Model, ids: readonly TokenId[]) => {
    const { logprobs = [] } = await score(model, { ids, attend: "causal", parents: null, last: 0 });
    return logprobs.map((logprob) => -logprob);
  };
  const sumOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const laws: Law[] = [];
  for (const way of WAYS) {
    const { name, rule } = way;
    const total = {
      cost: 0,
      plainCost: 0,
      plainTokens: 0,
      ms: 0,
      timedTokens: 0,
      plainMs: 0,
      tokens: 0,
      forwards: 0,
      commits: 0,
      nats: 0,
      judged: 0,
      bytes: 0,
      proposed: 0,
      accepted: 0,
      other: 0,
    };
    const pairs = new Set<string>();
    const texts: string[] = [];
    for (const [i, prompt] of prompts.entries()) {
      const promptIds = folders.ar.tokenizer?.promptIds(prompt) ?? [];
      const events: GenerationEvent[] = [];
      cost();
      const { ids, text, metrics } = await write(way, promptIds, (event) => events.push(event));
      total.cost += cost();
      if (i < TIMED_PROMPTS) {
        const plain = await write(PLAIN, promptIds, () => undefined);
        total.plainCost += cost();
        total.plainTokens += plain.ids.length;
        total.plainMs += plain.metrics.ownMs;
        total.timedTokens += ids.length;
        total.ms += metrics.ownMs;
      }
      const all = [...promptIds, ...ids];
      total.nats += sumOf((await natsOf(models.ar, all)).slice(promptIds.length - 1));
      const judged = async (whole: string) => sumOf(await natsOf(judgeModel, judge.tokenizer?.promptIds(whole) ?? []));
      total.judged += (await judged(prompt + text)) - (await judged(prompt));
      total.bytes += new TextEncoder().encode(text).length;
      for (let i = 1; i < ids.length; i++) pairs.add(`${ids[i - 1]} ${ids[i]}`);
      total.tokens += ids.length;
      total.forwards += metrics.forwards;
      total.other += metrics.draftForwards;
      total.commits += numCommits(events);
      total.proposed += metrics.proposed;
      total.accepted += metrics.accepted;
      texts.push(text);
    }
    const law: Law = {
      name,
      rule,
      tokens: total.tokens,
      forwards: total.forwards,
      otherForwards: total.other,
      tokensPerForward: total.tokens / total.forwards,
      commitsPerForward: total.commits / total.forwards,
      nll: total.nats / total.tokens,
      nllPerByte: total.judged / total.bytes,
      distinct2: pairs.size / (total.tokens - prompts.length),
      acceptance: total.proposed > 0 ? total.accepted / total.proposed : null,
      speedup: total.plainMs / total.plainTokens / (total.ms / total.timedTokens),
      speedupOfGpu: total.plainCost / total.plainTokens / (total.cost / total.tokens),
      text: texts[0],
    };
    console.error(`bench: ${name}: ${round(law.tokensPerForward)} tokens per forward, ${round(law.nll)} nats`);
    laws.push(law);
  }
  writeDiffusionReport({ ...report, adapter: { ...gpu.facts }, versions: {}, laws });
  return true;
}
