import path from "node:path";
import type { Page } from "@playwright/test";
import { expect } from "@playwright/test";
import type * as Triptych from "../src/index.js";
import { documentedSamples, type Sample } from "./documented-samples.js";
import { root } from "./installed-package.js";
import { test } from "./triptych-page.js";

// What a sample does is the same on every device.
test.use({
  usual: "wasm",
  // Samples of weights that don't come with the repository end where these are fetched.
  expectedConsole: [/404|ERR_FAILED|Failed to load resource/],
});

/** Samples in languages that another test runs. */
const ELSEWHERE: Record<string, string> = {
  "docs/element.md ts": "e2e/package-types.spec.ts",
  "docs/guides/write-a-decoder.md ts": "src/testing/best-of-draws/decoder.test.ts",
};

/** The models that samples take for granted, by the name that they have there. A mask-filling decoder means the one that fills masks. */
const MODELS: Record<string, (code: string) => string> = {
  model: (code) => (code.includes("block-diffusion") ? "story-diffusion" : "story-ar"),
  diffusion: () => "story-diffusion",
};

/** The sample behind imports of the package's names that it uses and doesn't import, and loads of models that it takes for granted. */
function withPrelude(code: string, names: readonly string[]): string {
  const isUsed = (name: string) => new RegExp(`(?<![.\\w"'/-])${name}\\b(?!["'/:-])`).test(code);
  const isMade = (name: string) =>
    new RegExp(`(const|let) (\\{[^}]*|\\[[^\\]]*)?\\b${name}\\b|import \\{[^}]*\\b${name}\\b`).test(code);
  const models = Object.keys(MODELS).filter((name) => isUsed(name) && !isMade(name));
  const missing = names.filter((name) => (isUsed(name) || (name === "load" && models.length > 0)) && !isMade(name));
  const loads = models.map((name) => `const ${name} = await load("/models/${MODELS[name](code)}/");`);
  return [`import { ${missing.join(", ")} } from "triptych-lm";`, ...loads, code].join("\n");
}

/** Puts what samples take for granted where they look for it: the package's files of a site of its own, and a trace. */
async function layOut(page: Page): Promise<void> {
  await page.route("**/triptych/**", (route) =>
    route.continue({ url: route.request().url().replace("/triptych/", "/dist/") }),
  );
  await page.route("**/run.json", (route) => route.fulfill({ path: path.join(root, "public/recorded.json") }));
}

/** Reads a script without running it. */
function parse(code: string): void {
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  AsyncFunction(code.replace(/^import .*$/gm, ""));
}

async function run(page: Page, { code, at }: Sample, names: readonly string[]) {
  const printed: string[] = [];
  const listen = (message: { type(): string; text(): string }) =>
    message.type() === "log" && printed.push(message.text());
  page.on("console", listen);
  const source = `${withPrelude(code, names)}\n//# sourceURL=${at}`;
  const failure = await page.evaluate(async (text) => {
    const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    try {
      await import(url);
      return null;
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      return { code: code ?? null, message };
    }
  }, source);
  page.off("console", listen);
  return { failure, printed: printed.join("\n"), shown: await page.evaluate(() => document.body.textContent ?? "") };
}

const documents = documentedSamples();

test("every sample of README and docs is of a language that a test runs", () => {
  expect([...documents.values()].flat().length).toBeGreaterThan(35);
  for (const [file, samples] of documents)
    for (const { at, language, code } of samples) {
      if (language === "json") expect(() => JSON.parse(code), at).not.toThrow();
      const isRun = ["js", "html", "json"].includes(language) || `${file} ${language}` in ELSEWHERE;
      expect(isRun, `${at}: ${language}`).toBe(true);
    }
});

for (const [file, samples] of documents) {
  const scripts = samples.filter(({ language }) => language === "js");
  const pages = samples.filter(({ language }) => language === "html");
  if (scripts.length > 0)
    test(`the scripts of ${file} run as they stand`, async ({ page }) => {
      await layOut(page);
      await page.goto("/e2e/pages/samples.html");
      const names = await page.evaluate(async () =>
        Object.keys((await import("triptych-lm" as string)) as typeof Triptych),
      );
      for (const sample of scripts) {
        // How models of hubs and picked files load is what e2e/models.spec.ts tries: these are read, and not run.
        if (sample.needs === "a hub and files") {
          expect(() => parse(sample.code), sample.at).not.toThrow();
          continue;
        }
        // Each on a page of its own, as its reader has it.
        await page.goto("/e2e/pages/samples.html");
        const { failure, printed, shown } = await run(page, sample, names);
        if (sample.needs?.startsWith("weights"))
          expect(failure?.code, sample.at).toMatch(/model_load|missing_file|no_chat_template/);
        else expect(failure, sample.at).toBeNull();
        if (sample.result)
          expect(sample.result.kind === "prints" ? printed : shown, sample.at).toBe(sample.result.text);
      }
    });
  if (pages.length > 0)
    test(`the pages of ${file} show what they say`, async ({ page }) => {
      await layOut(page);
      for (const { code, at } of pages) {
        const html = code
          .replaceAll("https://your.site/triptych/", "/dist/")
          .replaceAll("https://your.site/models/", "/models/");
        const body = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sample</title><link rel="icon" href="data:,"></head><body>${html}</body></html>`;
        const script = html.includes("define.js") ? "" : `<script type="module" src="/dist/define.js"></script>`;
        await page.route("**/e2e/pages/sample.html", (route) =>
          route.fulfill({ body: body + script, contentType: "text/html" }),
        );
        await page.goto("/e2e/pages/sample.html");
        const shown = html.includes("<triptych-replay")
          ? page.locator('triptych-replay [part="pane"]').first()
          : page.getByRole("button", { name: "Generate", exact: true });
        await expect(shown, at).toBeVisible();
        if (html.includes("<output>")) await expect(page.locator("body > output"), at).toHaveText(/\w/);
        await page.unroute("**/e2e/pages/sample.html");
      }
    });
}
