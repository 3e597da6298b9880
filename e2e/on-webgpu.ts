import { test as base } from "@playwright/test";

/** As `setDevice` of the package leaves it on a page. */
const CHOSEN = { connection: null, workers: 0, factory: null, files: null, device: "webgpu", calls: 0, told: {} };

/**
 * Playwright's `test` on pages whose models run on WebGPU unless they say otherwise: left to itself the choice falls on another device here,
 * since the adapter is software. `usual: "auto"` leaves it, "wasm" is for what holds on any device: it writes at once.
 */
export const test = base.extend<{ usual: "webgpu" | "wasm" | "auto" }>({
  usual: ["webgpu", { option: true }],
  context: async ({ context, usual }, use) => {
    const scope = { ...CHOSEN, device: usual };
    await context.addInitScript((said) => {
      Object.assign(globalThis, { [Symbol.for("triptych-lm/worker/5")]: said });
    }, scope);
    await use(context);
  },
});
