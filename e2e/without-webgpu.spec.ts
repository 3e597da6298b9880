import { expect, type Page } from "@playwright/test";
import { findChromium, headlessFlags } from "../src/backend/webgpu/node/chromium.mjs";
import { faultsOf, generate, openBare, REGIONS, reaches, region, test, textOf, watchOnnx } from "./triptych-page.js";

/** As browsers come, on a machine without a GPU: `requestAdapter` gives none. */
const FLAGS = headlessFlags().filter((flag) => !flag.includes("webgpu"));
test.use({
  usual: "auto",
  launchOptions: {
    executablePath: findChromium() ?? undefined,
    args: FLAGS,
    ignoreDefaultArgs: ["--headless", "--headless=old"],
  },
});

const GREEDY = "temperature=0&max_new_tokens=12";
const textsOf = (page: Page) => Promise.all(REGIONS.map((label) => textOf(page, label)));

/** A page and a worker without `gpu` stand for a browser that has no WebGPU. */
async function withoutGpu(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const urlOf = (text: string) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    const first = urlOf('Object.defineProperty(navigator, "gpu", { value: undefined });');
    Object.defineProperty(navigator, "gpu", { value: undefined });
    const Native = Worker;
    window.Worker = class extends Native {
      // By its own URL: what the worker fetches later imports from it, and would make a second one of a copy.
      constructor(url: string | URL, options?: WorkerOptions) {
        super(urlOf(`import "${first}"; import "${url}";`), options);
      }
    };
  });
}

test("three panes write the greedy texts of WebGPU by keyboard, without a flag or a question", async ({
  page,
  playwright,
  baseURL,
}) => {
  const onnx = watchOnnx(page);
  await page.goto(`/?${GREEDY}`);
  // What the address says is read a moment after the page is there.
  await expect(page.getByLabel("Length", { exact: true })).toHaveValue("12");
  await page.getByRole("textbox", { name: "Prompt" }).focus();
  await page.keyboard.press("ControlOrMeta+Enter");
  for (const label of REGIONS) {
    await reaches(page, label, "done");
    await expect(region(page, label).locator('[data-figure="tokens"] dd')).toHaveText("12");
  }
  await expect(page.getByRole("alert")).toHaveCount(0);
  await expect(page.getByText(/^Runs on wasm: ONNX Runtime .+WebGPU/)).toBeVisible();
  expect(onnx.length).toBeGreaterThan(0);
  expect(onnx.filter((url) => !url.startsWith(`${baseURL}/`))).toEqual([]);
  expect(await faultsOf(page)).toEqual([]);
  const texts = await textsOf(page);
  const browser = await playwright.chromium.launch({
    executablePath: findChromium() ?? undefined,
    args: headlessFlags(),
    ignoreDefaultArgs: ["--headless", "--headless=old"],
  });
  const other = await browser.newPage();
  await other.goto(`${baseURL}/?device=webgpu&${GREEDY}`);
  await expect(other.getByLabel("Length", { exact: true })).toHaveValue("12");
  await other.getByRole("button", { name: "Generate" }).click();
  for (const label of REGIONS) await reaches(other, label, "done");
  await expect(other.getByText(/^Runs on webgpu/)).toBeVisible();
  expect(texts).toEqual(await textsOf(other));
  await browser.close();
});

test("where pages have no navigator.gpu, the package's element and library write as well", async ({ page }) => {
  await withoutGpu(page);
  const small = 'models="/models/" device="auto" max-new-tokens="4"';
  await openBare(page, `<triptych-generate ${small}></triptych-generate>`);
  const { autoregressive } = await generate(page, "triptych-generate", "Once upon a time");
  expect(autoregressive).toMatchObject({ reason: "length", text: expect.stringMatching(/\w/) });
  const device = await page.evaluate(async () => {
    const path = "/dist/index.js";
    const { load } = await import(path);
    return (await load("/models/story-ar/")).device;
  });
  expect(device).toMatchObject({ name: "wasm", why: expect.stringMatching(/WebGPU/) });
});

test("the Sudoku page solves its puzzles there, and the frontier is shown", async ({ page }) => {
  await page.goto("/sudoku.html");
  const board = (name: string) => page.getByRole("region", { name, exact: true });
  await expect(board("Diffusion, all sure cells")).toContainText(/solved, [1-4] forward/);
  await expect(board("Whole canvas, no cache")).toContainText("solved, 10 forwards, 160 rows");
  await expect(board("Whole canvas, delayed cache")).toContainText(/, 10 forwards, (?!160)\d+ rows/);
  await expect(page.getByText(/^Runs on wasm: /)).toBeVisible();
  await expect(page.getByRole("alert")).toHaveCount(0);
  await page.getByRole("link", { name: "Frontier" }).click();
  await expect(page.getByRole("region", { name: "All ways" })).toBeVisible();
});

test("WebGPU that is asked for by name is refused by name, with what to do", async ({ page }) => {
  await page.goto("/?device=webgpu");
  // What the address says is read a moment after the page is there.
  await expect(page.getByRole("combobox", { name: "Device", exact: true })).toHaveValue("webgpu");
  await page.getByRole("button", { name: "Generate" }).click();
  const alert = page.getByRole("alert");
  // Panes say it one after the other, until all of them would.
  for (const label of REGIONS) await reaches(page, label, "error");
  // Once, however many panes there are; and no recording where another device would write.
  await expect(alert).toHaveCount(1);
  await expect(alert).toContainText("can't run the models on the device");
  await expect(alert).toContainText("Choose the device “auto”");
  await expect(alert.getByText("gives no adapter")).toBeHidden();
  await expect(page.getByRole("button", { name: "Look at a recorded run" })).toHaveCount(0);
  // What another device needs is said to anyone.
  await page.getByRole("combobox", { name: "Device", exact: true }).selectOption("webnn");
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(alert.getByText('Device "webnn" needs WebNN, which this browser hasn\'t')).toBeVisible();
  await expect(alert.getByRole("listitem")).toHaveText(["Choose the device “auto”: it takes any that works."]);
});

test("where no device runs models a recorded run can be looked at, which says that it is one", async ({
  page,
  expectedConsole,
}) => {
  expectedConsole.push(/WebGPU/i, /ERR_FAILED/);
  await page.route("**/onnxruntime/**", (route) => route.abort());
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.goto("/");
  await page.getByRole("button", { name: "Generate" }).click();
  await page.getByRole("button", { name: "Look at a recorded run" }).click();
  await expect(page.locator('[part="recorded"]')).toContainText("this is a replay");
  for (const label of REGIONS) {
    await reaches(page, label, "done");
    await expect(region(page, label).locator(".status")).toHaveText("recorded, full length");
    await expect(region(page, label).locator('[data-figure="tokens"] dd')).toHaveText("48");
  }
  expect(await textOf(page, "Speculative")).toBe(await textOf(page, "Autoregressive"));
  await expect(page.getByRole("alert")).toHaveCount(0);
  await expect(page.getByText(/^Runs on/)).toHaveCount(0);
  const slider = page.getByRole("slider", { name: "Diffusion, step" });
  await slider.focus();
  await page.keyboard.press("Home");
  expect(await textOf(page, "Diffusion")).toBe("");
  expect(await faultsOf(page)).toEqual([]);
  // A run takes the recording's place, with the reason why there is none.
  await page.getByRole("button", { name: "Generate" }).click();
  for (const label of REGIONS) await reaches(page, label, "error");
  await expect(page.getByRole("alert")).toHaveCount(1);
  await expect(page.getByRole("alert")).toContainText("This browser can't run the models, so");
  await expect(page.locator('[part="recorded"]')).toHaveCount(0);
});
