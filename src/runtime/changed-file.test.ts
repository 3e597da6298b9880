import { expect, it, vi } from "vitest";
import { Scheduler } from "../decode/engine/scheduler.js";
import { memorySource } from "../format/source.js";
import { ModelLoadError } from "../vocabulary/errors.js";
import type { Backend } from "./backend.js";
import { FolderParts } from "./parts.js";
import type { RuntimeDevice, RuntimeModel } from "./runtime.js";

const changed = () => new ModelLoadError("It has changed.", "changed_file");
const waiter = { signal: new AbortController().signal, onProgress: () => {} };

/** Parts whose source says so of what was read, once it is loaded. */
function partsOf(finish: () => Promise<void>, load = async () => {}) {
  const dispose = vi.fn();
  const loadModel = vi.fn(async (_device: unknown, folder: () => Promise<unknown>) => {
    await folder();
    await load();
    return { dispose } as unknown as RuntimeModel;
  });
  const backend = {
    source: () => ({ ...memorySource(new Map()), finish }),
    readConfig: async () => ({ maxLength: 8, capabilities: {} }),
    needsTokenizer: false,
    loadModel,
  };
  const parts = new FolderParts(backend as unknown as Backend<RuntimeDevice>, new Scheduler());
  return { act: () => parts.loadModel({} as RuntimeDevice, { url: "x" }, waiter), loadModel, dispose };
}

it("a model whose file turns out to have changed is loaded again, once, and what was loaded is freed", async () => {
  const finish = vi.fn(async () => {}).mockRejectedValueOnce(changed());
  const { act, loadModel, dispose } = partsOf(finish);
  await act();
  expect(loadModel).toHaveBeenCalledTimes(2);
  expect(dispose).toHaveBeenCalledTimes(1);

  const ever = partsOf(() => Promise.reject(changed()));
  await expect(ever.act()).rejects.toMatchObject({ code: "changed_file" });
  expect(ever.loadModel).toHaveBeenCalledTimes(2);
  expect(ever.dispose).toHaveBeenCalledTimes(2);
});

it("any other error of a load is its end", async () => {
  const failing = partsOf(
    async () => {},
    () => Promise.reject(new ModelLoadError("x", "gated")),
  );
  await expect(failing.act()).rejects.toMatchObject({ code: "gated" });
  expect(failing.loadModel).toHaveBeenCalledTimes(1);
});
