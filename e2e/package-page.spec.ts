import path from "node:path";
import { expect, type Page } from "@playwright/test";
import { serveStatic } from "../scripts/static-server.mjs";
import { servePage, test } from "./installed-package.js";

/** What a page's own module says when it is through: `finish(value)` in it. */
async function said(page: Page, url: string): Promise<unknown> {
  await page.goto(url);
  await page.waitForFunction(() => "said" in globalThis, null, { timeout: 300_000 });
  return page.evaluate(() => (globalThis as { said?: unknown }).said);
}

/** A page's head: a policy, and one module from a file of its own, as strict policies want it. */
function head(policy: string): string {
  const meta = policy ? `<meta http-equiv="Content-Security-Policy" content="${policy}">` : "";
  return `${meta}<script type="module" src="/main.js"></script>`;
}

const WRITE = `
  const model = await load(MODELS + "/story-ar/");
  let shown = "";
  for await (const event of model.generate("Once upon a time", { max_new_tokens: 4 })) shown = event.text;
  const { text } = await model.generateText("Once upon a time", { max_new_tokens: 4 });
  globalThis.said = { text, isShown: text === shown };`;
const TELL = "const tell = ({ name, code, message }) => ({ name, code, message });";
const ELEMENT =
  '<triptych-generate models="/models/" prompt="Once upon a time" max-new-tokens="4"></triptych-generate>';

test("a strict content security policy: the worker by its own file", async ({ page, project, models }) => {
  const policy = `default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self' ${models}; img-src data:`;
  const main = `
    import { load, setWorkerFactory } from "/dist/index.js";
    const MODELS = ${JSON.stringify(models)};
    setWorkerFactory(() => new Worker("/dist/worker.js", { type: "module" }));
    ${WRITE}`;
  const site = await servePage(project, head(policy), "", { "main.js": main });
  try {
    expect(await said(page, site.url)).toEqual({ text: expect.stringMatching(/^\W*\w/), isShown: true });
  } finally {
    await site.close();
  }
});

for (const [place, factory] of [
  ["blob: workers but no scripts from blob: URLs", ""],
  ["its own files alone", `setWorkerFactory(() => new Worker("/dist/worker.js", { type: "module" }));`],
] as const) {
  test(`every decoder's code is found under a policy that allows ${place}`, async ({ page, project, models }) => {
    const policy = `script-src 'self'; worker-src 'self'${factory ? "" : " blob:"}`;
    const main = `
      import { load, setWorkerFactory } from "/dist/index.js";
      ${factory}
      addEventListener("unhandledrejection", ({ reason }) => (globalThis.said = String(reason)));
      const [causal, filling] = await Promise.all(["ar", "diffusion"].map((name) => load("${models}/story-" + name + "/")));
      const options = { max_new_tokens: 4 };
      const texts = [];
      for (const decoder of ["momentum", "contrastive"]) texts.push(await causal.generateText("Once", { ...options, decoder }));
      texts.push(await causal.generateText("Once", { ...options, decoder: "speculative", drafter: "suffix" }));
      texts.push(await filling.generateText("Once", { ...options, decoder: "block-diffusion" }));
      globalThis.said = texts.map(({ ids }) => ids.length);`;
    const site = await servePage(project, head(policy), "", { "main.js": main });
    try {
      expect(await said(page, site.url)).toEqual([4, 4, 4, 4]);
    } finally {
      await site.close();
    }
  });
}

test("transformers.js's names write what the library writes, and streamers join to it", async ({
  page,
  project,
  models,
}) => {
  const main = `
    import { load } from "/dist/index.js";
    import { AutoModelForCausalLM, pipeline, TextStreamer } from "/dist/transformers.js";
    const url = ${JSON.stringify(models)} + "/story-ar/";
    const prompt = "Once upon a time";
    const model = await load(url);
    const { text, ids } = await model.generateText(prompt, { max_new_tokens: 6, temperature: 0 });
    const generator = await pipeline("text-generation", url);
    let streamed = "";
    const streamer = new TextStreamer(generator.tokenizer, { callback_function: (piece) => (streamed += piece) });
    const [{ generated_text }] = await generator(prompt, { max_new_tokens: 6, do_sample: false, streamer });
    class Ids { constructor(type, data, dims) { Object.assign(this, { type, data, dims }); } }
    const own = await model.tokenize(prompt, { special: true });
    const input_ids = new Ids("int64", BigInt64Array.from(own, BigInt), [1, own.length]);
    const lm = await AutoModelForCausalLM.from_pretrained(url);
    const put = [];
    const foreign = { put: ([some]) => put.push(...some), end: () => put.push("end") };
    const all = await lm.generate({ input_ids, max_new_tokens: 6, do_sample: false, streamer: foreign });
    const refused = await generator(prompt, { num_beams: 4 }).catch((error) => error.message);
    globalThis.said = {
      isWhole: generated_text === prompt + text && streamed === generated_text,
      isSame: all instanceof Ids && String(Array.from(all.data)) === String([...own, ...ids]),
      isStreamed: String(put) === String([...own, ...ids, "end"]),
      refused,
    };`;
  const site = await servePage(project, head(""), "", { "main.js": main });
  try {
    const refused = expect.stringMatching(/^num_beams: 4 /);
    expect(await said(page, site.url)).toEqual({ isWhole: true, isSame: true, isStreamed: true, refused });
  } finally {
    await site.close();
  }
});

for (const [words, policy] of [
  ["forbids blob: workers", "script-src 'self'; worker-src 'self'"],
  ["requires Trusted Types", "require-trusted-types-for 'script'"],
] as const) {
  test(`a policy that ${words} is told so by a typed error, and what to do`, async ({ page, project }) => {
    const main = `
      import { load, TriptychError } from "/dist/index.js";
      ${TELL}
      const error = await load("/models/story-ar/").catch((error) => error);
      globalThis.said = { ...tell(error), isTyped: error instanceof TriptychError };`;
    const site = await servePage(project, head(policy), "", { "main.js": main });
    try {
      expect(await said(page, site.url)).toEqual({
        name: "TriptychError",
        code: "worker_failed",
        message: expect.stringMatching(/triptych-lm\/worker.*setWorkerFactory\(\).*TrustedScriptURL/s),
        isTyped: true,
      });
    } finally {
      await site.close();
    }
  });
}

test("Trusted Types: a page's own policy vouches for the worker, and the elements work", async ({
  page,
  project,
  models,
}) => {
  const policy =
    "script-src 'self'; worker-src 'self'; require-trusted-types-for 'script'; trusted-types lit-html my-app";
  // Imports run before this module's own lines: an element that started its worker by itself would do it too early.
  const main = `
    import "/dist/define.js";
    import { load, setWorkerFactory } from "/dist/index.js";
    const MODELS = ${JSON.stringify(models)};
    const policy = trustedTypes.createPolicy("my-app", { createScriptURL: (url) => url });
    setWorkerFactory(() => new Worker(policy.createScriptURL("/dist/worker.js"), { type: "module" }));
    ${WRITE}
    await document.querySelector("triptych-generate").generate();`;
  const element = ELEMENT.replace("/models/", `${models}/`);
  const site = await servePage(project, head(policy), element, { "main.js": main });
  try {
    expect(await said(page, site.url)).toEqual({ text: expect.stringMatching(/^\W*\w/), isShown: true });
    await expect(page.getByRole("region")).toHaveAttribute("data-state", "done");
  } finally {
    await site.close();
  }
});

test("an element on a page starts no worker; its first run does", async ({ page, project, models }) => {
  const main = `
    import "/dist/define.js";
    const Native = Worker;
    globalThis.started = 0;
    globalThis.Worker = class extends Native { constructor(...given) { super(...given); started++; } };
    const element = document.createElement("triptych-compare");
    document.body.append(element);
    await element.updateComplete;
    globalThis.said = true;`;
  const site = await servePage(project, head(""), ELEMENT.replace("/models/", `${models}/`), { "main.js": main });
  try {
    await said(page, site.url);
    const started = () => page.evaluate(() => (globalThis as unknown as { started: number }).started);
    // The controls come from the tables alone.
    await expect(page.getByText("Options").first()).toBeVisible();
    expect(await started()).toBe(0);
    await page.evaluate(() =>
      (document.querySelector("triptych-generate") as unknown as { generate(): Promise<unknown> }).generate(),
    );
    expect(await started()).toBe(1);
  } finally {
    await site.close();
  }
});

test("errors keep class and name over the worker's border and between two bundles on a page", async ({
  page,
  project,
  models,
}) => {
  // The second copy comes from another origin, as from a CDN.
  const other = await serveStatic({ root: path.join(project.package, "dist") });
  const main = `
    import * as library from "/dist/index.js";
    import * as other from "${other.url}/index.js";
    const { load } = library;
    const MODELS = ${JSON.stringify(models)};
    const facts = async (promise) => {
      const error = await promise.then(() => null, (error) => error);
      const kin = (all) => Object.keys(all).filter((key) => key.endsWith("Error") && error instanceof all[key]).sort();
      return [error.name, error.code, kin(library), kin(other)];
    };
    const model = await load(MODELS + "/story-ar/");
    const run = async (options) => { for await (const _ of model.generate("Once", options)); };
    globalThis.said = [
      await facts(load("/nope/")),
      await facts(other.load("/nope/")),
      await facts(run({ temperature: -1 })),
      await facts(run({ decoder: "sideways" })),
    ];`;
  const site = await servePage(project, head(""), "", { "main.js": main });
  try {
    const both = (name: string) => [[name, "TriptychError"].sort(), [name, "TriptychError"].sort()];
    expect(await said(page, site.url)).toEqual([
      ["ModelLoadError", expect.any(String), ...both("ModelLoadError")],
      ["ModelLoadError", expect.any(String), ...both("ModelLoadError")],
      ["InvalidOptionError", "invalid_option", ...both("InvalidOptionError")],
      ["InvalidOptionError", "unknown_decoder", ...both("InvalidOptionError")],
    ]);
  } finally {
    await site.close();
    await other.close();
  }
});
