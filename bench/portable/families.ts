import type { AdapterFacts } from "../../src/backend/webgpu/gpu/device.js";
import { MATMUL_FAMILIES, type MatmulFamilyName } from "../../src/backend/webgpu/ops/variants.js";

/** Why a family is too slow on an adapter to be run in every form, or null. */
export function slowOnThis({ isSoftware, subgroupMinSize }: AdapterFacts, family: MatmulFamilyName): string | null {
  const { termLanes } = MATMUL_FAMILIES[family];
  if (!isSoftware || termLanes <= Math.max(1, subgroupMinSize)) return null;
  return `${termLanes} lanes share a sum and a subgroup has ${subgroupMinSize}, so that a software adapter takes seconds`;
}
