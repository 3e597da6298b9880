import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { UnsupportedDeviceError } from "../../vocabulary/errors.js";
import { createSession } from "./create-session.js";
import { loadWebAssemblyRuntime } from "./load-runtime.js";
import { runtimeFolder } from "./runtime-folder.js";

/** What a build copies beside its scripts (scripts/onnx-files.mjs). */
const FILES = ["ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"];

it("ONNX Runtime loads from three files of a folder, in Node too, and says what is wrong with a model", async () => {
  expect(FILES.filter((name) => !existsSync(fileURLToPath(`${runtimeFolder}${name}`)))).toEqual([]);
  const runtime = await loadWebAssemblyRuntime();
  expect(runtime.env.wasm.numThreads).toBe(1);
  await expect(createSession(runtime, Uint8Array.of(1, 2, 3))).rejects.toThrow(/protobuf parsing failed/);
  // Each at the same time as others.
  const both = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6)].map((model) => createSession(runtime, model));
  for (const made of await Promise.allSettled(both)) {
    expect(made).toMatchObject({
      status: "rejected",
      reason: { message: expect.stringContaining("protobuf parsing failed") },
    });
  }
});

it("a runtime whose files aren't all there is a device that can't be had, not a fault of the model", async () => {
  const reason =
    "no available backend found. ERR: [wasm] RuntimeError: Aborted(Error: ENOENT: no such file, open 'a.wasm'). Build with -sASSERTIONS for more info.";
  const create = () => Promise.reject(new Error(reason));
  const making = createSession({ InferenceSession: { create } } as never, Uint8Array.of());
  await expect(making).rejects.toThrow(UnsupportedDeviceError);
  await expect(making).rejects.toThrow(
    "ONNX Runtime can't start (Error: ENOENT: no such file, open 'a.wasm'): all files",
  );
});

it("a session is asked to print nothing: old exports, whose weights are inputs as well, have a warning for each", async () => {
  const asked: unknown[] = [];
  const create = async (_model: unknown, options: unknown) => asked.push(options);
  await createSession({ InferenceSession: { create } } as never, Uint8Array.of(), { executionProviders: ["wasm"] });
  expect(asked).toEqual([{ executionProviders: ["wasm"], logSeverityLevel: 4 }]);
});
