import { spawn } from "node:child_process";
import { cpSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, type FrameLocator, type Page } from "@playwright/test";
import { serveStatic } from "../scripts/static-server.mjs";
import { examples, installExamples, runIn } from "./installed-examples.js";
import { root, test } from "./installed-package.js";

test.use({ usual: "wasm" });

const models = path.join(root, "public/models");

test.beforeAll(({ project }) => installExamples(project.package));

test.beforeEach(({ page }) => {
  const seen: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" && !/favicon/.test(message.location().url)) seen.push(message.text());
  });
  page.on("pageerror", (error) => seen.push(String(error)));
  said.set(page, seen);
});

/** What pages have said in their consoles that is an error. */
const said = new WeakMap<Page, string[]>();

/** Serves a folder of the examples beside the package's files and the models. */
function serve(folder: string) {
  const dist = path.join(examples, "node_modules/triptych-lm/dist");
  return serveStatic({ root: path.join(examples, folder), mounts: { "/triptych/": dist, "/models/": models } });
}

/** Has it write, and returns what the pane then shows. */
async function write(place: Page | FrameLocator, label = "Autoregressive"): Promise<string> {
  await place.getByRole("button", { name: "Generate", exact: true }).click();
  const pane = place.getByRole("region", { name: label, exact: true });
  await expect(pane).toHaveAttribute("data-state", "done");
  const text = (await pane.locator('[part="text"]').textContent()) ?? "";
  expect(text).toMatch(/\w+ \w+/);
  return text;
}

/** What a build writes under `dist` is served and opened. */
async function open(page: Page, folder: string, look: (page: Page) => Promise<void>): Promise<void> {
  const site = await serve(folder);
  try {
    await page.goto(site.url);
    await look(page);
  } finally {
    await site.close();
  }
  expect(said.get(page)).toEqual([]);
}

test("every example asks for the versions that the lock file has, and for this package's", () => {
  const json = (file: string) => JSON.parse(readFileSync(path.join(root, file), "utf8"));
  const versions = { ...json("examples/package.json").dependencies, "triptych-lm": json("package.json").version };
  const files = readdirSync(path.join(root, "examples"), { recursive: true, encoding: "utf8" });
  const own = files.filter((file) => path.basename(file) === "package.json" && file !== "package.json");
  expect(own.length).toBe(4);
  for (const file of own) {
    const { dependencies = {}, devDependencies = {} } = json(`examples/${file}`);
    expect(versions).toMatchObject({ ...dependencies, ...devDependencies });
  }
});

test("plain HTML: three panes write", async ({ page }) => {
  await open(page, "html", async () => {
    await write(page);
    await write(page, "Diffusion");
  });
});

test("a strict policy, Trusted Types included: the element writes, and nothing is refused", async ({ page }) => {
  await open(page, "csp", async () => {
    await write(page);
  });
});

test("Vite: the text is sent with its form", async ({ page }) => {
  runIn("vite", "vite/bin/vite.js", ["build"]);
  await open(page, "vite/dist", async () => {
    const text = await write(page);
    await page.getByRole("button", { name: "Send" }).click();
    expect(await page.locator("xpath=//output").textContent()).toBe(`Sent: ${text}`);
  });
});

for (const name of ["react", "vue"]) {
  test(`${name}: properties and listeners in its own syntax`, async ({ page }) => {
    runIn(name, "vite/bin/vite.js", ["build"]);
    await open(page, `${name}/dist`, async () => {
      const text = await write(page);
      await expect(page.locator("xpath=//output")).toHaveText(text.trim());
      const given = await page.evaluate(() => {
        const { maxNewTokens, options } = document.querySelector("triptych-generate") as unknown as Record<
          string,
          unknown
        >;
        return { maxNewTokens, options: { ...(options as object) } };
      });
      expect(given).toEqual({ maxNewTokens: 24, options: { stop: "." } });
    });
  });
}

test("Next.js: the server renders the element, and the page takes it over", async ({ page, request }) => {
  const dist = path.join(examples, "node_modules/triptych-lm/dist");
  for (const file of ["onnx.js", "onnxruntime"])
    cpSync(path.join(dist, file), path.join(examples, "next/public/triptych", file), { recursive: true });
  cpSync(path.join(models, "story-ar"), path.join(examples, "next/public/models/story-ar"), { recursive: true });
  runIn("next", "next/dist/bin/next", ["build"]);
  const args = [path.join(examples, "node_modules/next/dist/bin/next"), "start", "--port", "0"];
  const server = spawn(process.execPath, args, {
    cwd: path.join(examples, "next"),
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let words = "";
      server.stdout.on("data", (piece) => {
        words += piece;
        const found = /http:\/\/localhost:\d+/.exec(words);
        if (found) resolve(found[0]);
      });
      server.on("exit", () => reject(new Error(words)));
    });
    const sent = await (await request.get(url)).text();
    expect(sent).toMatch(/<triptych-generate[^>]*prompt="Once upon a time"/);
    await page.goto(url);
    const text = await write(page);
    await expect(page.locator("xpath=//output")).toHaveText(text.trim());
    expect(said.get(page)).toEqual([]);
  } finally {
    server.kill();
  }
});

test("a frame of another origin: it writes, and tells the page around it", async ({ page }) => {
  const [outer, inner] = [await serve("iframe"), await serve("iframe")];
  try {
    await page.goto(`${outer.url}/#${inner.url.replace("localhost", "127.0.0.1")}/embed.html`);
    const text = await write(page.frameLocator("iframe"));
    await expect(page.locator("xpath=//output")).toHaveText(text.trim());
    expect(said.get(page)).toEqual([]);
  } finally {
    await outer.close();
    await inner.close();
  }
});
