import type { OrdersApart } from "../runtime/job.js";
import type { ModelRef } from "../runtime/model-ref.js";
import type { PlainPrompt } from "../vocabulary/prompt.js";
import { call } from "./connection.js";

/** How far two orders of a prompt are apart on a loaded model. */
export function ordersApart(ref: ModelRef, prompts: readonly [PlainPrompt, PlainPrompt]): Promise<OrdersApart> {
  return call((api) => api.ordersApart(ref, prompts));
}
