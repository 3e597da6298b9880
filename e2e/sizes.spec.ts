import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "@playwright/test";
import { root } from "./installed-package.js";

/**
 * Most bytes of each file of the package that a page loads, as a server sends it (gzip -9): about 1 % above those of 2026-11-30, with five
 * model families, recovery of a lost device, four more decoders, any decoder in any pane, and the model backend on ONNX Runtime.
 */
const BUDGETS: Record<string, number> = {
  index: 500,
  /** What `index` and `transformers` share. */
  load: 1_870,
  decoders: 200,
  transformers: 4_950,
  define: 250,
  element: 250,
  /** Errors, comlink and the page's side of the protocol, with the names of devices; 4,375 before. */
  client: 4_600,
  /** Both elements, lit apart; together 30,070 before. */
  "generate-element": 24_600,
  lit: 5_950,
  /** Rounds with drafts, orders of sets, and figures of the panel "This device": loaded when they are first shown. */
  "rounds-panel": 2_980,
  orders: 1_510,
  "device-view": 2_000,
  /** Option tables; the elements load them beside. */
  "decoder-list": 8_300,
  /** What a page's address holds, and a recorded run: loaded where they are asked for. */
  address: 1_090,
  recording: 600,
  /** The runtime's part on ONNX Runtime, loaded when a model asks for such a device. */
  onnx: 34_300,
  /** The worker inside the package (125,719 before); and as a file (125,784). */
  "worker-": 147_900,
  worker: 148_100,
  /** Any other file. */
  others: 300,
};

test("the files that a page loads are no larger than their budgets", () => {
  const folder = path.join(root, "dist");
  const files = readdirSync(folder).filter((file) => file.endsWith(".js") && file !== "cli.js");
  const sizes: Record<string, number> = {};
  for (const file of files) {
    const own =
      file === "worker.js" ? "worker" : file.startsWith("worker-") ? "worker-" : file.replace(/(-[\w-]{8})?\.js$/, "");
    const name = own in BUDGETS ? own : "others";
    sizes[name] = (sizes[name] ?? 0) + gzipSync(readFileSync(path.join(folder, file)), { level: 9 }).length;
  }
  console.log(JSON.stringify(sizes));
  for (const [name, budget] of Object.entries(BUDGETS)) expect(sizes[name] ?? 0, name).toBeLessThanOrEqual(budget);
  for (const name of ["index", "client", "generate-element", "worker-", "worker"])
    expect(sizes[name], name).toBeGreaterThan(0);
});
