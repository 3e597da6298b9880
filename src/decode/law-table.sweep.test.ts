// Every combination that a decoder accepts has the law that its label names: by enumeration, on a joint law that is known.
import { describe, expect, it } from "vitest";
import { InvalidOptionError } from "../vocabulary/errors.js";
import type { StartEvent } from "../vocabulary/events.js";
import { IS_WHOLE } from "../testing/test-depth.js";
import { autoregressive } from "./autoregressive/decoder.js";
import { type Sampling, statedLaw } from "../testing/law-oracle.js";
import { LAW_ROWS, type LawRow, SAMPLINGS } from "../testing/law-rows.js";
import { rehearse } from "../testing/rehearsal.js";
import { distance, enumerated, enumeratedBySteps, FIRST, JOINT } from "../testing/tabular.js";

/** Temperature 1 without filters, where all orders have one law. */
const PLAIN = SAMPLINGS.findIndex((sampling) => sampling.temperature === 1 && Object.keys(sampling).length === 1);
/** A law that is further than this from all that a label could mean is another one. */
const OTHER = 1e-6;
const NUM_SEEDS = 8;

/** What is wrong with a row's labels, in words; and by reason why it is near a law, whether it was another law anywhere. */
interface Finding {
  wrong: string[];
  losses: Map<string, boolean>;
}

async function check(row: LawRow, samplings: readonly Sampling[]): Promise<Finding> {
  const finding: Finding = { wrong: [], losses: new Map() };
  for (const sampling of samplings) {
    const start = await startOf(row, sampling);
    if (!start) continue;
    const { fidelity, law } = start;
    const wrong = (what: string) => finding.wrong.push(`${JSON.stringify(sampling)} says ${fidelity}: ${what}`);
    if (fidelity === "identical") {
      const others = await idsThatDiffer(row, sampling);
      if (others > 0) wrong(`${others} of ${NUM_SEEDS} texts aren't autoregressive's`);
      continue;
    }
    const own = await lawOf(row, sampling);
    if (fidelity !== "approximate") {
      const isCut = law.rounded.includes("end tokens left out of the holes");
      const leftOut = isCut ? row.models.target.capabilities.eosTokens : [];
      const off = distance(own, statedLaw(law.of, sampling, { ...row, leftOut }));
      if (!(off < 1e-9)) wrong(`the law is ${off.toPrecision(3)} from ${law.of}`);
    } else {
      if (law.why === null) wrong("no reason is given");
      const isOther = isOtherThanAll(own, law.of, sampling, row);
      for (const why of law.why?.split("; and ") ?? []) {
        finding.losses.set(why, isOther || finding.losses.get(why) === true);
      }
    }
  }
  return finding;
}

/** Whether this law is none that one token a forward could have, in whatever order a label can name. */
function isOtherThanAll(own: Float64Array, of: string, sampling: Sampling, row: LawRow): boolean {
  const orders = ["in random order", "from left to right", "rising entropy", "the likeliest token's probability"];
  const within = /within blocks of \d+|among the first \d+ masks?/.exec(of)?.[0] ?? "";
  return orders.every((order) => distance(own, statedLaw(`${order} ${within}`, sampling, row)) > OTHER);
}

function lawOf({ decoder, models, options, prompt, remembers }: LawRow, sampling: Sampling): Promise<Float64Array> {
  const { target, draft } = models;
  const all = { ...sampling, ...options };
  if (!remembers) return enumeratedBySteps(decoder, target, all, { draft, prompt });
  return enumerated(decoder, target, all, { draft, prompt }).then(({ law }) => law);
}

/** Null where the combination is refused. */
async function startOf(row: LawRow, sampling: Sampling): Promise<StartEvent | null> {
  const { decoder, models, options, prompt } = row;
  const all = { max_new_tokens: JOINT.length - prompt.length, ...sampling, ...options };
  try {
    const { events } = await rehearse({ decoder, models, promptIds: prompt, options: all });
    return events[0].type === "start" ? events[0] : null;
  } catch (error) {
    if (error instanceof InvalidOptionError) return null;
    throw error;
  }
}

async function idsThatDiffer({ decoder, models, options }: LawRow, sampling: Sampling): Promise<number> {
  let count = 0;
  for (let seed = 0; seed < NUM_SEEDS; seed++) {
    const all = { max_new_tokens: 3, ...sampling, seed };
    const own = await rehearse({ decoder, models, promptIds: [FIRST], options: { ...all, ...options } });
    const plain = await rehearse({ decoder: autoregressive, models, promptIds: [FIRST], options: all });
    if (own.done.ids.join() !== plain.done.ids.join()) count++;
  }
  return count;
}

const BIASED = SAMPLINGS.findIndex(({ temperature, logit_bias }) => temperature === 0.7 && logit_bias);
/** Rows that `npm test` always looks at, where labels have been wrong: they are few and quick. */
const isKept = ({ decoder, options }: LawRow) => {
  const { commit_rule, order, schedule, steps, denoising_steps, confidence } = options;
  if (options.infill === true) return true;
  if (decoder.name !== "block-diffusion" || commit_rule !== "quota" || steps || denoising_steps || confidence)
    return false;
  return schedule === "cosine" ? order === "random" : order === "confidence";
};
/** Of a row, two of the samplings in `npm test`; another second one in the next row. */
const samplingsOf = (row: LawRow, i: number) => {
  if (IS_WHOLE) return SAMPLINGS;
  // Where steps are remembered every way is walked by itself, which takes long.
  if (row.remembers) return [SAMPLINGS[PLAIN]];
  return [SAMPLINGS[PLAIN], SAMPLINGS[isKept(row) ? BIASED : (7 * i) % SAMPLINGS.length]];
};
/** Every row, or of each group so many and those that are kept. */
const ROWS_OF_A_GROUP = IS_WHOLE ? Number.POSITIVE_INFINITY : 2;
const groups = new Map<string, LawRow[]>();
for (const row of LAW_ROWS) {
  const { decoder, options } = row;
  const name = `${decoder.name} ${options.commit_rule ?? options.drafter ?? ""}`;
  groups.set(name, [...(groups.get(name) ?? []), row]);
}
/** By what a group's rows say they lose: whether any of their laws is another than an exact one. */
const losses = new Map<string, boolean>();

describe("every combination has the law of its label", () => {
  it.each([...groups.keys()])(
    "%s",
    async (name) => {
      const group = groups.get(name) ?? [];
      const every = Math.ceil(group.length / ROWS_OF_A_GROUP);
      const wrong: string[] = [];
      for (const [i, row] of group.entries()) {
        if (!IS_WHOLE && i % every !== 0 && !isKept(row)) continue;
        const finding = await check(row, samplingsOf(row, LAW_ROWS.indexOf(row)));
        wrong.push(...finding.wrong.map((what) => `${JSON.stringify(row.options)} ${what}`));
        for (const [why, isOther] of finding.losses) {
          const loss = `${name}: ${why}`;
          losses.set(loss, isOther || losses.get(loss) === true);
        }
      }
      expect(wrong).toEqual([]);
    },
    IS_WHOLE ? 3_600_000 : 60_000,
  );

  // A tabular law knows tokens alone, and not with what they were read: it has no stale caches.
  it.runIf(IS_WHOLE)("and is another law wherever it is said to be near one, for each reason", () => {
    const idle = [...losses].filter(([why, isOther]) => !isOther && !why.includes("the cache"));
    expect(idle.map(([why]) => why)).toEqual([]);
  });
});

it("several chains that are kept by likelihood have another law than one", async () => {
  const options = { drafter: "chains", verifier: "typical", num_assistant_tokens: 1 };
  const row = LAW_ROWS.find((one) => one.options.drafter === "chains" && one.options.verifier === "typical");
  if (!row) throw new Error("no such row");
  const lawWith = (num_draft_chains: number) =>
    lawOf({ ...row, options: { ...options, num_draft_chains } }, { temperature: 1 });
  expect(distance(await lawWith(2), await lawWith(1))).toBeGreaterThan(0.001);
});
