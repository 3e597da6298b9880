import { ordersApart, type OrdersApart } from "../decode/orders-apart.js";
import type { PlainPrompt } from "../vocabulary/prompt.js";
import type { Devices } from "./devices.js";
import type { ModelRef } from "./model-ref.js";
import { tokenizerOf } from "./reports.js";

/** How far two orders of a prompt are apart on a loaded model, in turn with the runs. */
export function ordersOf(
  devices: Pick<Devices, "use">,
  ref: ModelRef,
  prompts: readonly [PlainPrompt, PlainPrompt],
): Promise<OrdersApart> {
  return devices.use(ref, (loaded, inTurn) =>
    inTurn(async (breathe) => {
      await breathe();
      return ordersApart(loaded.model, tokenizerOf(loaded), prompts);
    }),
  );
}
