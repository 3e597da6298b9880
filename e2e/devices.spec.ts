import { expect } from "@playwright/test";
import { openBare, test } from "./triptych-page.js";

test("a model on ONNX Runtime's own WebGPU writes the text of ours", async ({ page }) => {
  await openBare(page, "");
  const [own, other] = await page.evaluate(async () => {
    const path = "/dist/index.js";
    const { load } = await import(path);
    const write = async (device: string) => {
      const model = await load("/models/stories260k/", { device });
      const done = await model.generateText("Once upon a time", { max_new_tokens: 6, temperature: 0 });
      return { ids: done.ids, device: model.device };
    };
    return [await write("webgpu"), await write("onnx-webgpu")];
  });
  expect(other.ids).toEqual(own.ids);
  expect(other.device).toMatchObject({ name: "onnx-webgpu", isSoftware: true });
  expect(other.device.description).toMatch(/^ONNX Runtime 1\.\d+.* \(webgpu, .*swiftshader/i);
});

// The worker of `dist/index.js` runs from a blob: URL, that of `dist/worker.js` from its own: both must find the files that come late.
for (const place of ["blob:", "/dist/worker.js"]) {
  test(`a library user chooses the device of each model, in the worker from ${place}`, async ({ page }) => {
    const fetched: string[] = [];
    page.context().on("request", (request) => fetched.push(new URL(request.url()).pathname));
    await openBare(page, "");
    const write = (device: string) =>
      page.evaluate(
        async ([name, file]) => {
          const path = "/dist/index.js";
          const { load, setWorkerFactory, stats } = await import(path);
          const { workers } = await stats();
          if (workers === 0 && file !== "blob:") setWorkerFactory(() => new Worker(file, { type: "module" }));
          const model = await load("/models/story-ar/", { device: name });
          const start: object[] = [];
          let text = "";
          for await (const event of model.generate("Once upon a time", { max_new_tokens: 8, temperature: 0 })) {
            if (event.type === "start") start.push(event.device);
            text = event.text;
          }
          Object.assign(globalThis, { [name]: model });
          return { text, start, device: model.device, stats: await stats() };
        },
        [device, place],
      );

    const own = await write("webgpu");
    expect(own.device).toMatchObject({ name: "webgpu", isSoftware: true, why: "It was asked for." });
    expect(fetched.filter((path) => /onnx/.test(path))).toEqual([]);
    const onnx = await write("wasm");
    const files = fetched.filter((path) => /onnx/.test(path)).sort();
    const folder = "/dist/onnxruntime";
    const runtime = ["ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm", "ort.wasm.min.mjs"];
    expect(files).toEqual(["/dist/onnx.js", ...runtime.map((name) => `${folder}/${name}`)]);
    expect(onnx.device).toMatchObject({ name: "wasm", isSoftware: true, why: "It was asked for." });
    expect(onnx.device.description).toMatch(/^ONNX Runtime 1\.\d+.* \(wasm, 1 thread\)$/);
    expect(onnx.start).toEqual([onnx.device]);
    expect(onnx.text).toBe(own.text);
    expect(onnx.stats).toMatchObject({ workers: 1, devices: 2, models: 2, runs: 0 });

    const refusals = await page.evaluate(async () => {
      const path = "/dist/index.js";
      const { load } = await import(path);
      const { webgpu, wasm } = globalThis as unknown as Record<
        string,
        { generateText: (...how: unknown[]) => Promise<void> }
      >;
      const tell = ({ name, message }: Error) => `${name}: ${message}`;
      const refused = (device: string) => load("/models/story-ar/", { device }).catch(tell);
      const mixed = webgpu.generateText("Once", { decoder: "speculative", draft: wasm }).catch(tell);
      return Promise.all([refused("cuda"), refused("node"), refused("webnn"), mixed]);
    });
    expect(refusals).toEqual([
      expect.stringMatching(/^InvalidOptionError: device can't be "cuda" here: give one of auto, webgpu, wasm/),
      expect.stringMatching(/^InvalidOptionError: device can't be "node" here/),
      expect.stringMatching(/^UnsupportedDeviceError: Device "webnn" needs WebNN/),
      expect.stringMatching(/^InvalidOptionError: The model runs on device webgpu and its draft on wasm/),
    ]);
  });
}

test.describe("a model that leaves the choice", () => {
  test.use({ usual: "auto" });

  test("runs on the device that was the faster one, which the next page remembers", async ({ page }) => {
    const write = () =>
      page.evaluate(async () => {
        const path = "/dist/index.js";
        const { load, stats } = await import(path);
        const models = await Promise.all(["story-ar", "story-draft"].map((name) => load(`/models/${name}/`)));
        const [model, draft] = models;
        const options = { decoder: "speculative", draft, max_new_tokens: 8, temperature: 0 };
        let device: unknown = null;
        let text = "";
        for await (const event of model.generate("Once upon a time", options)) {
          if (event.type === "start") device = event.device;
          text = event.text;
        }
        return { text, device, devices: models.map((one) => one.device), models: (await stats()).models };
      });
    await openBare(page, "");
    const first = await write();
    expect(first.text).toMatch(/^\W*\w/);
    const [own, draft] = first.devices;
    expect(draft).toEqual(own);
    expect(first.device).toEqual(own);
    // Which one it is goes by the machine.
    expect(["wasm", "webgpu"]).toContain(own.name);
    const other = own.name === "wasm" ? "webgpu" : "wasm";
    expect(own.why).toMatch(
      new RegExp(
        `^WebGPU is the CPU's here \\(.*\\), and a forward of story-\\w+ takes [\\d.e+]+ ms on ${own.name} and [\\d.e+]+ ms on ${other}\\.$`,
      ),
    );
    // The copies that were timed are given back.
    expect(first.models).toBe(2);
    await openBare(page, "");
    const second = await write();
    // The very times: nothing was timed anew.
    expect(second).toEqual(first);
  });
});
