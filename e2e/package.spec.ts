import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, type Page } from "@playwright/test";
import { build, createServer } from "vite";
import { serveStatic } from "../scripts/static-server.mjs";
import { root, servePage, test } from "./installed-package.js";

const compare = (models: string) =>
  `<triptych-compare models="${models}/" prompt="Once upon a time" max-new-tokens="8" seed="1"></triptych-compare>`;

/** Presses Generate and waits until all three panes have written something. */
async function expectThreePanes(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  for (const name of ["Autoregressive", "Diffusion", "Speculative"]) {
    const pane = page.getByRole("region", { name, exact: true });
    await expect(pane).toHaveAttribute("data-state", "done", { timeout: 300_000 });
    await expect(pane.locator('[part="text"]')).toHaveText(/\w/);
  }
}

test("every export path of the installed package resolves to a file of its own", ({ project }) => {
  const { exports } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  for (const [name, { default: file, types }] of Object.entries<{ default: string; types: string }>(exports)) {
    const resolved = project.node(
      `console.log(import.meta.resolve(${JSON.stringify(path.posix.join("triptych-lm", name))}))`,
    );
    expect(resolved).toMatch(new RegExp(`/node_modules/triptych-lm/${path.posix.normalize(file)}$`));
    expect(readFileSync(fileURLToPath(resolved), "utf8").length).toBeGreaterThan(0);
    expect(readFileSync(path.join(project.package, types), "utf8")).toMatch(/export|import/);
  }
});

test("the package holds no models, sources or tests", ({ project }) => {
  const files = readdirSync(project.package, { recursive: true }).map(String);
  expect(files.filter((file) => /\.safetensors$|\.test\.|^src|^e2e|dist.demo/.test(file))).toEqual([]);
});

test("the installed command line answers", ({ project }) => {
  const bin = path.join(project.package, "dist/cli.js");
  const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  expect(execFileSync(process.execPath, [bin, "--version"], { encoding: "utf8" }).trim()).toBe(version);
});

test("an empty Vite project serves the element, built or not, with models on another origin", async ({
  page,
  project,
  models,
}) => {
  project.write("main.js", 'import "triptych-lm/define";\n');
  const head = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>test</title>`;
  const script = '<script type="module" src="/main.js"></script>';
  project.write("index.html", `${head}${script}</head><body>${compare(models)}</body></html>`);
  const options = { root: project.folder, configFile: false, logLevel: "error" } as const;
  const server = await createServer({ ...options, server: { port: 0 } });
  await server.listen();
  try {
    await page.goto(server.resolvedUrls?.local[0] ?? "");
    await expectThreePanes(page);
  } finally {
    await server.close();
  }
  await build(options);
  const site = await serveStatic({ root: path.join(project.folder, "dist") });
  try {
    await page.goto(site.url);
    await expectThreePanes(page);
  } finally {
    await site.close();
  }
});

test("a page of another origin works from dist/define.js by its URL alone", async ({ page, project, models }) => {
  const files = await serveStatic({ root: path.join(root, "dist") });
  const script = `<script type="module" src="${files.url}/define.js"></script>`;
  const site = await servePage(project, script, compare(models));
  try {
    await page.goto(site.url);
    await expectThreePanes(page);
  } finally {
    await site.close();
    await files.close();
  }
});
