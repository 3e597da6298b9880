import type { FloatDtype } from "../../src/format/tensor.js";
import type { Rounding } from "../../src/seam/rounding.js";
import { MATMUL_FAMILIES, type MatmulFamilyName } from "../../src/backend/webgpu/ops/variants.js";
import { worstError } from "../../src/backend/webgpu/tuning/accuracy.js";
import { round, table } from "../report.js";
import { slowOnThis } from "./families.js";
import { storyArchitecture } from "./models.js";
import { type Context, defineSection } from "./section.js";

const STORAGES: readonly { dtype: FloatDtype; rounding: Rounding | null }[] = [
  { dtype: "F32", rounding: null },
  { dtype: "F16", rounding: null },
  { dtype: "BF16", rounding: null },
  { dtype: "F32", rounding: "q8" },
  { dtype: "F32", rounding: "q8-int8" },
  { dtype: "F32", rounding: "q4" },
  { dtype: "F32", rounding: "q4-int8" },
];

/** Measured however long it takes. */
const ALWAYS: readonly string[] = ["F32", "q4"];

/** The products of one family on weights of one storage. */
export interface ProductError {
  family: MatmulFamilyName;
  storage: string;
  /** Largest error in what rounding allows; null: not a number, or not measured. */
  error: number | null;
  /** Why there is no error. */
  why?: string;
}

async function run({ gpu, folder, say }: Context): Promise<ProductError[]> {
  const architecture = await storyArchitecture(folder);
  const measure = async (family: MatmulFamilyName, { dtype, rounding }: (typeof STORAGES)[number]) => {
    try {
      return { error: await worstError(gpu, family, { ...architecture, dtype }, rounding) };
    } catch (error) {
      return { error: null, why: `failed: ${error instanceof Error ? error.message : error}` };
    }
  };
  const found: ProductError[] = [];
  for (const family of Object.keys(MATMUL_FAMILIES) as MatmulFamilyName[]) {
    const slow = slowOnThis(gpu.facts, family);
    for (const how of STORAGES) {
      const storage = how.rounding ?? how.dtype;
      say(`${family}, ${storage}`);
      const isLeftOut = slow !== null && !ALWAYS.includes(storage);
      const product = isLeftOut ? { error: null, why: `not run: ${slow}` } : await measure(family, how);
      found.push({ family, storage, ...product });
    }
  }
  return found;
}

function lines(found: readonly ProductError[]): string[] {
  const storages = STORAGES.map(({ dtype, rounding }) => rounding ?? dtype);
  const families = [...new Set(found.map(({ family }) => family))];
  const cell = (family: string, storage: string) => {
    const product = found.find((one) => one.family === family && one.storage === storage);
    if (product?.why) return product.why.split(":")[0];
    if (product?.error === null || product === undefined) return "**not a number**";
    return product.error <= 1 ? round(product.error) : `**${round(product.error)}**`;
  };
  return [
    "Products of 1, 8 and 37 rows and 200 columns of `story-ar`'s width against float64: the largest error, in what rounding allows",
    "(at most 1 is right). Weights by storage; q8 and q4 against the rounded weights, `-int8` with rounded rows too.",
    "",
    ...table(
      ["kernels", ...storages],
      families.map((family) => [family, ...storages.map((storage) => cell(family, storage))]),
    ),
    "",
    ...[...new Set(found.flatMap(({ family, why }) => (why ? [`${family}: ${why}.`] : [])))],
  ];
}

/** Accuracy of the matrix kernels of every family and storage. */
export const products = defineSection<ProductError[]>({
  name: "products",
  title: "Matrix products against float64",
  run,
  lines,
});
