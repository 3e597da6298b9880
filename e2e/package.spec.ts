import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, type Page, test } from "@playwright/test";
import { build, createServer } from "vite";
import { serveStatic } from "../scripts/static-server.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const isWindows = process.platform === "win32";
let project: string;
let models: { url: string; close(): Promise<void> };

function npm(args: string[], cwd: string): string {
  return execFileSync("npm", args, { cwd, encoding: "utf8", shell: isWindows, stdio: ["ignore", "pipe", "pipe"] });
}

function node(code: string): string {
  return execFileSync(process.execPath, ["--input-type=module", "-e", code], { cwd: project, encoding: "utf8" }).trim();
}

function pageWith(script: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>test</title>${script}</head><body>
<triptych-compare models="${models.url}/models/" prompt="Once upon a time" max-new-tokens="8" seed="1"></triptych-compare>
</body></html>`;
}

/** Presses Generate and waits until all three panes have written something. */
async function expectThreePanes(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  for (const name of ["Autoregressive", "Diffusion", "Speculative"]) {
    const pane = page.getByRole("region", { name, exact: true });
    await expect(pane).toHaveAttribute("data-state", "done", { timeout: 300_000 });
    await expect(pane.locator('[part="text"]')).toHaveText(/\w/);
  }
}

test.beforeAll(async () => {
  project = realpathSync(mkdtempSync(path.join(os.tmpdir(), "triptych-package-")));
  npm(["pack", "--ignore-scripts", "--pack-destination", project], root);
  const [tarball] = readdirSync(project);
  writeFileSync(path.join(project, "package.json"), JSON.stringify({ name: "empty", private: true, type: "module" }));
  npm(["install", "--prefer-offline", "--no-audit", "--no-fund", `./${tarball}`], project);
  models = await serveStatic({ root: path.join(root, "public") });
  writeFileSync(path.join(project, "main.js"), 'import "triptych-lm/define";\n');
  writeFileSync(path.join(project, "index.html"), pageWith('<script type="module" src="/main.js"></script>'));
});

test.afterAll(async () => {
  await models?.close();
  if (project) rmSync(project, { recursive: true, force: true });
});

test("every export path of the installed package resolves to a file of its own", () => {
  const { exports } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  for (const [name, { default: file, types }] of Object.entries<{ default: string; types: string }>(exports)) {
    const resolved = node(`console.log(import.meta.resolve(${JSON.stringify(path.posix.join("triptych-lm", name))}))`);
    expect(resolved).toMatch(new RegExp(`/node_modules/triptych-lm/${path.posix.normalize(file)}$`));
    expect(readFileSync(fileURLToPath(resolved), "utf8").length).toBeGreaterThan(0);
    expect(readFileSync(path.join(project, "node_modules/triptych-lm", types), "utf8")).toMatch(/export|import/);
  }
});

test("the package holds no models, sources or tests", () => {
  const files = readdirSync(path.join(project, "node_modules/triptych-lm"), { recursive: true }).map(String);
  expect(files.filter((file) => /\.safetensors$|\.test\.|^src|^e2e|dist.demo/.test(file))).toEqual([]);
});

test("importing the library in Node touches no DOM and starts nothing", () => {
  const touched = node(`
    const names = ["document", "window", "customElements", "HTMLElement", "Worker", "self"];
    const touched = [];
    for (const name of names) {
      Object.defineProperty(globalThis, name, { configurable: true, get() { touched.push(name); return undefined; } });
    }
    const { load, InvalidOptionError } = await import("triptych-lm");
    console.log(JSON.stringify({ touched, load: typeof load, error: typeof InvalidOptionError }));
  `);
  expect(JSON.parse(touched)).toEqual({ touched: [], load: "function", error: "function" });
});

test("the published types need no types but their own", () => {
  writeFileSync(
    path.join(project, "consumer.ts"),
    `import { load, type GenerationEvent } from "triptych-lm";
     import { CompareElement } from "triptych-lm/element";
     import "triptych-lm/define";
     const model = await load("./models/story-ar/");
     const seen: GenerationEvent[] = [];
     for await (const event of model.generate("Once", { max_new_tokens: 4 })) seen.push(event);
     export const element: CompareElement = new CompareElement();\n`,
  );
  const flags =
    "--noEmit --strict --target es2023 --module esnext --moduleResolution bundler --lib es2023,dom,dom.iterable";
  const tsc = path.join(root, "node_modules/typescript/bin/tsc");
  const args = [tsc, ...flags.split(" "), "--types", "", "consumer.ts"];
  let output = "";
  try {
    execFileSync(process.execPath, args, { cwd: project, encoding: "utf8" });
  } catch (error) {
    output = (error as { stdout: string }).stdout;
  }
  expect(output).toBe("");
});

test("the installed command line answers", () => {
  const bin = path.join(project, "node_modules/triptych-lm/dist/cli.js");
  const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  expect(execFileSync(process.execPath, [bin, "--version"], { encoding: "utf8" }).trim()).toBe(version);
});

test("an empty Vite project serves the element, with models on another origin", async ({ page }) => {
  const server = await createServer({ root: project, configFile: false, logLevel: "error", server: { port: 0 } });
  await server.listen();
  try {
    await page.goto(server.resolvedUrls?.local[0] ?? "");
    await expectThreePanes(page);
  } finally {
    await server.close();
  }
});

test("the same project built works from plain files", async ({ page }) => {
  await build({ root: project, configFile: false, logLevel: "error" });
  const site = await serveStatic({ root: path.join(project, "dist") });
  try {
    await page.goto(site.url);
    await expectThreePanes(page);
  } finally {
    await site.close();
  }
});

test("a page of another origin works from dist/define.js by its URL alone", async ({ page }) => {
  const files = await serveStatic({ root: path.join(root, "dist") });
  const folder = mkdtempSync(path.join(os.tmpdir(), "triptych-page-"));
  writeFileSync(
    path.join(folder, "index.html"),
    pageWith(`<script type="module" src="${files.url}/define.js"></script>`),
  );
  const site = await serveStatic({ root: folder });
  try {
    await page.goto(site.url);
    await expectThreePanes(page);
  } finally {
    await site.close();
    await files.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
