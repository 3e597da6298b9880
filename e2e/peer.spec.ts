import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { generate, pickMethod, reaches, region, test, textOf } from "./triptych-page.js";

test.use({ usual: "wasm" });

const PEER = "transformers.js";
/** What is downloaded of transformers.js: the worker that has it, and ONNX Runtime's WebAssembly. */
const OF_PEER = /peer-worker|asyncify/;

/** Addresses of all that the page and its workers ask for. */
function requestsOf(page: Page): string[] {
  const urls: string[] = [];
  page.context().on("request", (request) => urls.push(request.url()));
  return urls;
}

async function openPeer(page: Page): Promise<void> {
  await page.getByText("Beside transformers.js").click();
  await expect(region(page, PEER).locator(".status")).toHaveText("ready");
}

test("transformers.js writes the autoregressive pane's ids, drawn and greedy, and is downloaded for its first text", async ({
  page,
}) => {
  const urls = requestsOf(page);
  await page.goto("/?panes=autoregressive&max_new_tokens=24");
  await expect(page.getByLabel("Length", { exact: true })).toHaveValue("24");
  await generate(page, "triptych-compare");
  expect(urls.filter((url) => /peer/.test(url))).toEqual([]);
  await openPeer(page);
  expect(urls.filter((url) => OF_PEER.test(url))).toEqual([]);
  const pane = region(page, PEER);
  for (const temperature of ["0.7", "0"]) {
    await page.getByLabel("Temperature", { exact: true }).fill(temperature);
    await generate(page, "triptych-compare");
    await expect(pane.getByText("same text as AR")).toBeVisible();
    await expect(pane.locator('[data-figure="tokens"] dd')).toHaveText("24");
    await expect(pane.locator('[data-figure="tokens-per-second"] dd')).toHaveText(/[1-9]/);
    expect(await textOf(page, PEER)).toBe(await textOf(page, "Autoregressive"));
    const how = temperature === "0" ? "Its own argmax" : "Triptych’s sampler draws";
    await expect(pane.locator('[part="law"]')).toContainText(how);
    await expect(pane.locator('[part="law"]')).toHaveText(
      /transformers\.js [\d.]+, ONNX Runtime Web .*\(wasm, 1 thread\)/,
    );
  }
  expect(urls.filter((url) => OF_PEER.test(url))).not.toEqual([]);
  const own = new URL(page.url()).host;
  expect(urls.filter((url) => url.startsWith("http") && new URL(url).host !== own)).toEqual([]);
});

test("the pane of transformers.js has the autoregressive pane write first, is stopped, writes again, and has no accessibility faults", async ({
  page,
}) => {
  await page.goto("/");
  await page.getByLabel("Length", { exact: true }).fill("24");
  await openPeer(page);
  // Held where it can't go on: the run is stopped before its first token, however fast the machine is.
  let release = () => {};
  const isStopped = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.context().route(/asyncify.*\.wasm/, async (route) => {
    await isStopped;
    await route.continue();
  });
  await page.getByRole("button", { name: "Write with transformers.js" }).click();
  await reaches(page, "Autoregressive", "done");
  await expect(region(page, PEER).getByText("Starting ONNX Runtime (wasm) …")).toBeVisible();
  await page.getByRole("button", { name: "Stop transformers.js" }).click();
  release();
  await reaches(page, PEER, "done");
  const pane = region(page, PEER);
  await expect(pane.locator(".status")).toHaveText("stopped");
  await expect(pane.locator('[data-figure="tokens"] dd')).toHaveText("1");
  await expect(pane.getByText("same as AR for 1 token")).toBeVisible();
  await page.getByRole("button", { name: "Write with transformers.js" }).press("Enter");
  await expect(pane.getByText("same text as AR")).toBeVisible();
  await expect(page.locator('triptych-peer [role="status"]').last()).toHaveText(
    "transformers.js: done: full length, 24 tokens. same text as AR",
  );
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
});

test("transformers.js counts tokens as the autoregressive pane does where a text ends, and is compared up to a stop text", async ({
  page,
}) => {
  const write = async (option: string) => {
    await page.goto(`/?panes=autoregressive&max_new_tokens=24&temperature=0&common.${option}`);
    await openPeer(page);
    await generate(page, "triptych-compare");
    await reaches(page, PEER, "done");
  };
  const tokens = (label: string) => region(page, label).locator('[data-figure="tokens"] dd').textContent();
  // Some words, and then the end token.
  await write(`logit_bias=${encodeURIComponent('{"0":9}')}`);
  await expect(region(page, PEER).getByText("same text as AR")).toBeVisible();
  expect(await tokens(PEER)).toBe(await tokens("Autoregressive"));
  await write("stop=house");
  await expect(region(page, PEER).getByText(/^same as AR for \d+ tokens$/)).toBeVisible();
});

test("transformers.js writes what weights of 32 bits write, keeps no comparison with a text that is gone, and says what it lacks", async ({
  page,
}) => {
  await page.goto("/?models=stories260k&panes=autoregressive&max_new_tokens=8&temperature=0");
  await openPeer(page);
  const pane = region(page, PEER);
  const write = page.getByRole("button", { name: "Write with transformers.js" });
  await generate(page, "triptych-compare");
  await expect(pane.getByText("same text as AR")).toBeVisible();
  // Refused before it starts: longer than the model reads.
  await generate(page, "triptych-compare", "Once upon a time there was a dog. ".repeat(99));
  await reaches(page, "Autoregressive", "error");
  await expect(pane.getByText("same text as AR")).toHaveCount(0);
  await page.getByRole("textbox", { name: "Prompt" }).fill("Once upon a time");
  await pickMethod(page, page.locator(".pane").first(), "Momentum decoding");
  await write.click();
  await expect(pane.getByRole("alert")).toContainText("Choose the decoder “autoregressive” in a pane");
  await pickMethod(page, page.locator(".pane").first(), "Autoregressive");
  await write.click();
  await expect(pane.getByText("same text as AR")).toBeVisible();
});
