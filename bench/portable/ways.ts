import { loadFolder, openFolder } from "../../src/runtime/folder.js";
import { generateOnce } from "../../src/testing/generate-once.js";
import { rotated } from "../compare.js";
import { showSpread, table } from "../report.js";
import speculation from "../speculation.json";
import { endless } from "./decoding.js";
import { modelSource } from "./models.js";
import { type Context, defineSection } from "./section.js";

const NUM_TOKENS = 48;
const NUM_PROMPTS = 5;

/** One way to write; the first is what the others are timed by. */
const WAYS: readonly { name: string; decoder: string; second?: "draft"; options: Record<string, unknown> }[] = [
  { name: "autoregressive", decoder: "autoregressive", options: {} },
  {
    name: "speculative, story-draft, 4 tokens",
    decoder: "speculative",
    second: "draft",
    options: { num_assistant_tokens: 4 },
  },
  {
    name: "speculative, story-draft, adaptive",
    decoder: "speculative",
    second: "draft",
    options: { num_assistant_tokens: 7, num_assistant_tokens_schedule: "adaptive" },
  },
  {
    name: "speculative, suffix, adaptive",
    decoder: "speculative",
    options: { drafter: "suffix", num_assistant_tokens: 7, num_assistant_tokens_schedule: "adaptive" },
  },
  {
    name: "speculative, device-lookup, 4 tokens",
    decoder: "speculative",
    options: { drafter: "device-lookup", num_assistant_tokens: 4 },
  },
  { name: "block-diffusion, one a step", decoder: "block-diffusion", options: { commit_rule: "quota" } },
  {
    name: "block-diffusion, 4 steps a block",
    decoder: "block-diffusion",
    options: { commit_rule: "quota", denoising_steps: 4 },
  },
  {
    name: "block-diffusion, threshold 0.7",
    decoder: "block-diffusion",
    options: { commit_rule: "threshold", threshold: 0.7 },
  },
];

/** One way's runs on all prompts. */
export interface WayTimes {
  way: string;
  /** Milliseconds a token on the wall, of all prompts, by round. */
  msPerToken: number[];
  /** Autoregressive text's time by this one's, of the same round. */
  speed: number[];
  tokensPerForward: number;
  proposed: number;
  accepted: number;
  sameIds: boolean;
}

async function run({ gpu, folder, rounds, say }: Context): Promise<WayTimes[]> {
  const open = (name: string) => openFolder(modelSource(folder, name));
  const folders = {
    ar: await open("story-ar"),
    draft: await open("story-draft"),
    diffusion: await open("story-diffusion"),
  };
  say("loading three models");
  const models = {
    ar: await loadFolder(gpu, folders.ar),
    draft: await loadFolder(gpu, folders.draft),
    diffusion: await loadFolder(gpu, folders.diffusion),
  };
  const prompts = speculation.stories.slice(0, NUM_PROMPTS).map((text) => folders.ar.tokenizer?.promptIds(text) ?? []);
  const write = async ({ decoder, second, options }: (typeof WAYS)[number], promptIds: readonly number[]) => {
    const own = decoder === "block-diffusion" ? "diffusion" : "ar";
    const startMs = performance.now();
    const { ids, metrics } = await generateOnce(
      {
        decoder,
        promptIds,
        options: {
          temperature: 0,
          max_new_tokens: NUM_TOKENS,
          logit_bias: endless(folders[own].architecture),
          ...options,
        },
        gpu,
        target: models[own],
        draft: second ? models[second] : null,
        folder: folders[own],
        draftTokenizer: second ? folders[second].tokenizer : null,
      },
      () => {},
    );
    return { ids, metrics, elapsedMs: performance.now() - startMs };
  };
  type Run = Awaited<ReturnType<typeof write>>;
  for (const way of WAYS) {
    say(`${way.name}, once before`);
    await write(way, prompts[0]);
  }
  const runs = WAYS.map((): Run[][] => []);
  for (let index = 0; index < rounds; index++) {
    for (const of of runs) of.push([]);
    for (const [i, prompt] of prompts.entries()) {
      // In turn prompt by prompt, so that what the machine does otherwise meets all ways alike.
      for (const way of rotated(WAYS, index + i)) {
        say(`round ${index + 1} of ${rounds}, ${way.name}`);
        runs[WAYS.indexOf(way)][index].push(await write(way, prompt));
      }
    }
  }
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const msPerToken = (round: readonly Run[]) =>
    sum(round.map(({ elapsedMs }) => elapsedMs)) / sum(round.map(({ ids }) => ids.length));
  const [plain] = runs;
  return WAYS.map(({ name }, w) => {
    const all = runs[w].flat();
    const count = (key: "forwards" | "proposed" | "accepted") => sum(all.map(({ metrics }) => metrics[key]));
    return {
      way: name,
      msPerToken: runs[w].map(msPerToken),
      speed: runs[w].map((round, i) => msPerToken(plain[i]) / msPerToken(round)),
      tokensPerForward: sum(all.map(({ ids }) => ids.length)) / count("forwards"),
      proposed: count("proposed"),
      accepted: count("accepted"),
      sameIds: all.every(({ ids }, i) => String(ids) === String(plain.flat()[i].ids)),
    };
  });
}

function lines(all: readonly WayTimes[]): string[] {
  return [
    `Greedy, ${NUM_TOKENS} tokens behind each of ${NUM_PROMPTS} beginnings of stories, in turn, on the wall; speed: autoregressive text's time a token by this`,
    "one's, of the same round; on the kernels that the adapter gets untried. Speculative text must have autoregressive's ids; block diffusion writes another text, by `story-diffusion`.",
    "",
    ...table(
      ["", "ms a token", "speed", "tokens a forward", "accepted", "autoregressive's ids"],
      all.map(({ way, msPerToken, speed, tokensPerForward, proposed, accepted, sameIds }) => [
        way,
        showSpread(msPerToken),
        showSpread(speed),
        tokensPerForward.toFixed(2),
        proposed > 0 ? `${Math.round((100 * accepted) / proposed)} %` : "",
        sameIds ? "yes" : way.startsWith("speculative") ? "**NO**" : "no",
      ]),
    ),
  ];
}

/** Speculation and block diffusion by wall clock against autoregressive text. */
export const ways = defineSection<WayTimes[]>({
  name: "ways",
  title: "Speculation and block diffusion on the wall",
  run,
  lines,
});
