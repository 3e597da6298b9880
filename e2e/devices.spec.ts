import { expect, type Page } from "@playwright/test";
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

// The worker of `dist/index.js` runs from a blob: URL, that of `dist/worker.js` from a page's own, here with a query: both must find the files
// that come late, which find the worker's own modules.
for (const place of ["blob:", "/dist/worker.js?v=1"]) {
  test(`a library user chooses the device of each model, in the worker from ${place}`, async ({ page }) => {
    const fetched: string[] = [];
    const scripts: string[] = [];
    page.context().on("request", (request) => {
      const { pathname, search } = new URL(request.url());
      fetched.push(pathname);
      scripts.push(pathname + search);
    });
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

    const starts = place === "blob:" ? [] : [place];
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

    // By its own address alone: another would be another worker's modules.
    expect(scripts.filter((address) => /\/worker\.js/.test(address))).toEqual(starts);

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

  test("runs on WebGPU where a site doesn't serve the files of the other devices, and says what is missing", async ({
    page,
    expectedConsole,
  }) => {
    expectedConsole.push(/ERR_FAILED/);
    await page.route("**/onnx.js", (route) => route.abort());
    await openBare(page, "");
    const { name, why, refusal } = await page.evaluate(async () => {
      const path = "/dist/index.js";
      const { load } = await import(path);
      const { device } = await load("/models/stories260k/");
      const named = await load("/models/stories260k/", { device: "wasm" }).catch((error: Error) => error);
      return { ...device, refusal: `${named.name}: ${named.message}` };
    });
    expect(name).toBe("webgpu");
    expect(why).toMatch(
      /no other device can be had: wasm \(What runs models on devices other than WebGPU can't be loaded\)/,
    );
    expect(refusal).toMatch(/^UnsupportedDeviceError: .*serve onnx\.js .*setFilesFolder\(\)\.$/);
  });

  test("writes on wasm at once; both devices are timed behind it, and the next page runs on the faster one", async ({
    page,
  }) => {
    const write = () =>
      page.evaluate(async () => {
        const path = "/dist/index.js";
        const { load } = await import(path);
        const models = await Promise.all(["story-ar", "story-draft"].map((name) => load(`/models/${name}/`)));
        const [model, draft] = models;
        const options = { decoder: "speculative", draft, max_new_tokens: 8, temperature: 0 };
        let device: unknown = null;
        let text = "";
        for await (const event of model.generate("Once upon a time", options)) {
          if (event.type === "start") device = event.device;
          text = event.text;
        }
        return { text, device, devices: models.map((one) => one.device) };
      });
    const numModels = () =>
      page.evaluate(async () => {
        const path = "/dist/index.js";
        return (await (await import(path)).stats()).models;
      });
    await openBare(page, "");
    const first = await write();
    const [own, draft] = first.devices;
    expect(own).toMatchObject({
      name: "wasm",
      why: expect.stringMatching(
        /^WebGPU is the CPU's here \(.*\): wasm is taken for this visit, and both are timed behind the first text, for the next\.$/,
      ),
    });
    expect(first.text).toMatch(/^\W*\w/);
    expect(draft).toEqual(own);
    expect(first.device).toEqual(own);
    // What is timed is kept when it is timed: as long as it takes.
    await expect.poll(() => timesOf(page), { timeout: 120_000 }).not.toBeNull();
    const times = await timesOf(page);
    expect(Object.keys(times ?? {}).sort()).toEqual(["wasm", "webgpu"]);
    // The copy that was timed is given back, and models of this page stay where they are.
    expect(await numModels()).toBe(2);
    expect((await write()).device).toEqual(own);
    await openBare(page, "");
    const second = await write();
    const [faster, slower] = Object.entries(times ?? {}).sort(([, one], [, other]) => one - other);
    const said = [faster, slower].map(([name, ms]) => `${ms.toPrecision(2)} ms on ${name}`);
    expect(second.device).toMatchObject({
      name: faster[0],
      // The very times: nothing was timed anew.
      why: expect.stringContaining(`a forward of story-ar takes ${said.join(" and ")}.`),
    });
    expect(second.devices).toEqual([second.device, second.device]);
    expect(second.text).toBe(first.text);
    expect(await timesOf(page)).toEqual(times);
  });
});

/** What the page remembers of the one model that was timed: milliseconds by device; null: nothing. */
function timesOf(page: Page): Promise<Record<string, number> | null> {
  return page.evaluate(
    () =>
      new Promise<Record<string, number> | null>((resolve, reject) => {
        const opening = indexedDB.open("keyval-store");
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const reading = opening.result.transaction("keyval").objectStore("keyval").get("triptych-lm/devices");
          reading.onerror = () => reject(reading.error);
          reading.onsuccess = () => {
            opening.result.close();
            const [times] = Object.values((reading.result?.models ?? {}) as Record<string, Record<string, number>>);
            resolve(times ?? null);
          };
        };
      }),
  );
}
