import { statSync } from "node:fs";
import path from "node:path";
import { root } from "../scripts/setup.mjs";

/** Rows above the first cost this share of a forward on a GPU that is bound by reading weights. */
export const ROW_SHARE = 0.02;

/** Bytes of an embedded model's weights: what a forward of it costs there, beside another's. */
export function bytesOf(name: string): number {
  return statSync(path.join(root, `public/models/${name}/model.safetensors`)).size;
}
