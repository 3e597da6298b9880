import type { Architecture } from "../../src/architecture/architecture.js";
import { familiesFor, MATMUL_FAMILIES, type MatmulFamilyName } from "../../src/backend/webgpu/ops/variants.js";
import type { Rounding } from "../../src/seam/rounding.js";
import { tuneMatmul, type Tuned } from "../../src/backend/webgpu/tuning/tune-matmul.js";
import { shapeKey } from "../../src/backend/webgpu/tuning/tuning-record.js";
import { round, table } from "../report.js";
import { slowOnThis } from "./families.js";
import { qwenShape, storyArchitecture } from "./models.js";
import { type Context, defineSection } from "./section.js";

/** What the tuner chose for one shape, beside what the adapter gets untried. */
export interface TunedShape extends Tuned {
  model: string;
  /** `shapeKey`. */
  shape: string;
  untried: MatmulFamilyName;
}

async function run(context: Context): Promise<TunedShape[]> {
  const { gpu, folder, say } = context;
  const [untried, ...others] = familiesFor(gpu.facts);
  const story = await storyArchitecture(folder);
  const qwen = qwenShape(context);
  const shapes: [model: string, architecture: Architecture, rounding: Rounding | null][] = [
    ["story-ar, f16", story, null],
    ["Qwen3-0.6B's shape, f16", qwen, null],
    ["Qwen3-0.6B's shape, q4", qwen, "q4"],
  ];
  // A software adapter has one family: those that it runs in reasonable time are timed beside it, to show that it is right.
  const quick = (Object.keys(MATMUL_FAMILIES) as MatmulFamilyName[]).filter((name) => !slowOnThis(gpu.facts, name));
  const rivals = (architecture: Architecture) => {
    if (!gpu.facts.isSoftware) return others;
    return quick.filter((name) => name !== untried && (architecture === story || name.startsWith("cpu")));
  };
  const found: TunedShape[] = [];
  for (const [model, architecture, rounding] of shapes) {
    say(model);
    const tuned = await tuneMatmul(gpu, architecture, { rounding, candidates: [untried, ...rivals(architecture)] });
    found.push({ model, shape: shapeKey(architecture, rounding), untried, ...tuned });
  }
  return found;
}

function lines(found: readonly TunedShape[]): string[] {
  const families = [...new Set(found.flatMap(({ ms, refused }) => [...Object.keys(ms), ...refused]))];
  const cell = ({ ms, refused }: TunedShape, family: string) => {
    if (refused.includes(family as MatmulFamilyName)) return "**wrong**";
    const elapsedMs = ms[family as MatmulFamilyName];
    return elapsedMs === undefined ? "" : round(elapsedMs);
  };
  return [
    "Milliseconds of 8 forwards of one row, 4 of eight and 1 of 64, on random weights and fewer layers; and what is taken. The adapter",
    `gets ${found[0]?.untried} untried, which stays unless another takes 5 % less.`,
    "",
    ...table(
      ["model", ...families, "taken"],
      found.map((shape) => [shape.model, ...families.map((family) => cell(shape, family)), shape.family]),
    ),
  ];
}

/** The tuner's choice. */
export const tuner = defineSection<TunedShape[]>({ name: "tuner", title: "The tuner's choice", run, lines });

/** The kernels that the tuner chose for a shape; null where it didn't get to it. */
export function tunedFamily(
  { earlier }: Pick<Context, "earlier">,
  architecture: Architecture,
  rounding: Rounding | null,
): MatmulFamilyName | null {
  const shapes = (earlier.tuner ?? []) as TunedShape[];
  return shapes.find(({ shape }) => shape === shapeKey(architecture, rounding))?.family ?? null;
}
