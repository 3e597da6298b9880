import { notFinite } from "../../../seam/not-finite.js";
import type { TokenId } from "../../../vocabulary/events.js";

/** Stands for the token of a row whose logits aren't all finite, in all records; `select_step.wgsl` has the same. */
export const NO_TOKEN = 0xffffffff;

/** Whose logits tokens are drawn from. */
export interface TokenMaker {
  readonly model: { readonly name: string };
  /** Looks behind the layers of a model that was loaded to be debugged; else null. */
  readonly watch: { place(): Promise<string> } | null;
  /** The queue's epoch when it was made. */
  readonly epoch: number;
}

/** Thrown while a result is decoded, until `explained` has asked where it went wrong. */
export class NotFinite extends Error {
  constructor(readonly maker: TokenMaker) {
    super("not finite");
  }
}

/** A token that was read back. Throws `NotFinite` in the place of one that `maker` couldn't give. */
export function checkedToken(token: TokenId, maker: TokenMaker): TokenId {
  if (token === NO_TOKEN) throw new NotFinite(maker);
  return token;
}

/** Throws the error again: as the `NotFiniteError` that users see, if it is one of ours. */
export async function explained(error: unknown): Promise<never> {
  if (!(error instanceof NotFinite)) throw error;
  const { model, watch } = error.maker;
  throw notFinite(model.name, await watch?.place());
}
