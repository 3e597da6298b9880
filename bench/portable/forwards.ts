import type { Session } from "../../src/seam/session.js";
import { loadTransformer } from "../../src/backend/webgpu/load/load.js";
import { MATMUL_FAMILIES, type MatmulFamilyName } from "../../src/backend/webgpu/ops/variants.js";
import { ReferenceModel } from "../../src/testing/reference-model.js";
import { table } from "../report.js";
import { slowOnThis } from "./families.js";
import { modelSource, storyArchitecture } from "./models.js";
import { type Context, defineSection } from "./section.js";

/** Of the largest logit: what sums in f32 leave. */
const TOLERANCE = 2e-5;
const NUM_TOKENS = 34;
/** Both sides of the edges of tiles. */
const SIZES = [1, 2, 3, 4, 5, 8, 9, 16, 17, 32, 33, 34];

/** Whole forwards of `story-ar` on one family's kernels. */
export interface FamilyForwards {
  family: MatmulFamilyName;
  /** Largest difference to the float64 logits, by the largest of those; null: not a number. */
  error: number | null;
  /** Rows whose logits were compared with those of the same row alone, and how many differed in a bit. */
  rows: number;
  differing: number;
  why?: string;
}

/** The bits of the logits of each of these tokens, read at once behind what the session holds. */
async function bitsOf(session: Session, tokens: readonly number[], vocabSize: number, keep: number) {
  const logits = await session.forward({ tokens: [...tokens], attend: "causal", rows: "all", keep }).logits();
  const words = new Uint32Array(logits.buffer, logits.byteOffset, logits.length);
  return tokens.map((_, i) => Buffer.from(words.slice(i * vocabSize, (i + 1) * vocabSize).buffer));
}

async function run({ gpu, folder, say }: Context): Promise<FamilyForwards[]> {
  const architecture = await storyArchitecture(folder);
  const { vocabSize } = architecture;
  const source = modelSource(folder, "story-ar");
  const tokens = Array.from({ length: NUM_TOKENS }, (_, i) => (i * i * 31 + i * 7 + 3) % vocabSize);
  say("logits in float64, on the CPU");
  const reference = await ReferenceModel.read(source);
  const rows = tokens.map((token) => reference.embed(token));
  const expected = reference.logits(reference.states({ rows, positions: tokens.map((_, i) => i) }));
  const largest = expected.reduce((most, logit) => Math.max(most, Math.abs(logit)), 0);

  const measure = async (family: MatmulFamilyName): Promise<FamilyForwards> => {
    const model = await loadTransformer(gpu, source, architecture, { chooseFamily: async () => family });
    const session = model.session();
    try {
      const alone: Buffer[] = [];
      for (const token of tokens) alone.push(...(await bitsOf(session, [token], vocabSize, 1)));
      const found: FamilyForwards = { family, error: 0, rows: 0, differing: 0 };
      for (const size of SIZES) {
        say(`${family}, ${size} rows`);
        session.truncate(0);
        const together = await bitsOf(session, tokens.slice(0, size), vocabSize, 0);
        found.rows += size;
        found.differing += together.filter((row, i) => !row.equals(alone[i])).length;
      }
      const worst = alone.reduce((most, row, r) => {
        const logits = new Float32Array(row.buffer, row.byteOffset, vocabSize);
        return logits.reduce((worst, logit, i) => Math.max(worst, Math.abs(logit - expected[r * vocabSize + i])), most);
      }, 0);
      return { ...found, error: worst / largest };
    } finally {
      session.dispose();
      model.dispose();
    }
  };

  const all: FamilyForwards[] = [];
  for (const family of Object.keys(MATMUL_FAMILIES) as MatmulFamilyName[]) {
    const nothing = { family, error: null, rows: 0, differing: 0 };
    const slow = slowOnThis(gpu.facts, family);
    if (slow !== null) all.push({ ...nothing, why: `not run: ${slow}` });
    else all.push(await measure(family).catch((error: Error) => ({ ...nothing, why: `failed: ${error.message}` })));
  }
  return all;
}

function lines(all: readonly FamilyForwards[]): string[] {
  const cells = ({ family, error, rows, differing, why }: FamilyForwards) => {
    if (why) return [family, why, ""];
    const isRight = error !== null && error <= TOLERANCE;
    const shown = error === null ? "not a number" : error.toExponential(1);
    return [
      family,
      isRight ? shown : `**${shown}**`,
      differing === 0 ? `none of ${rows}` : `**${differing} of ${rows}**`,
    ];
  };
  return [
    `\`story-ar\`, ${NUM_TOKENS} tokens: embedding, norms, attention, products and LM head against the same model in float64, by the largest`,
    `logit (at most ${TOLERANCE} is right); and rows whose logits differ in a bit from those of the same row read alone, in forwards of`,
    `${SIZES.join(", ")} rows.`,
    "",
    ...table(["kernels", "largest error", "rows that differ"], all.map(cells)),
  ];
}

/** Accuracy of whole forwards, and row invariance, on every family's kernels. */
export const forwards = defineSection<FamilyForwards[]>({
  name: "forwards",
  title: "Whole forwards against float64, and row invariance",
  run,
  lines,
});
