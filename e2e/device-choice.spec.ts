import { expect, type Page } from "@playwright/test";
import type { PaneOutcomes } from "../src/ui/element.js";
import { faultsOf, generate, openBare, REGIONS, reaches, test, textOf, watchOnnx } from "./triptych-page.js";

const textsOf = (page: Page) => Promise.all(REGIONS.map((label) => textOf(page, label)));
const runsOn = (page: Page) => page.locator("triptych-compare > [part=runs-on], .runs-on").first();

test("the keyboard chooses another device, which loads the models anew and writes the same greedy text", async ({
  page,
}) => {
  const onnx = watchOnnx(page);
  await page.goto("/?device=webgpu&temperature=0&max_new_tokens=12");
  // What the address says is read a moment after the page is there.
  await expect(page.getByLabel("Length", { exact: true })).toHaveValue("12");
  const menu = page.getByRole("combobox", { name: "Device", exact: true });
  const field = page.getByRole("textbox", { name: "Prompt" });
  await field.focus();
  await page.keyboard.press("ControlOrMeta+Enter");
  for (const label of REGIONS) await reaches(page, label, "done");
  const texts = await textsOf(page);
  await expect(runsOn(page)).toHaveText(/^Runs on webgpu: .+\. ./);
  expect(onnx).toEqual([]);
  for (let presses = 0; presses < 12; presses++) {
    if (await menu.evaluate((select) => select.matches(":focus"))) break;
    await page.keyboard.press("Tab");
  }
  await expect(menu).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(menu).toHaveValue("wasm");
  await expect(page).toHaveURL(/device=wasm/);
  await page.keyboard.press("ControlOrMeta+Enter");
  await expect(runsOn(page)).toHaveText(/^Runs on wasm: ONNX Runtime .+\. ./);
  for (const label of REGIONS) await reaches(page, label, "done");
  expect(await textsOf(page)).toEqual(texts);
  expect(onnx.length).toBeGreaterThan(0);
  expect(onnx.filter((url) => !url.startsWith(new URL(page.url()).origin))).toEqual([]);
  expect(await faultsOf(page)).toEqual([]);
});

test("a run keeps its device while another is asked for, and the next one has that", async ({ page }) => {
  await openBare(page, '<triptych-generate models="/models/" device="wasm" max-new-tokens="8"></triptych-generate>');
  const seen = await page.evaluate(async () => {
    const element = document.querySelector("triptych-generate") as HTMLElement & {
      generate(prompt: string): Promise<PaneOutcomes>;
      updateComplete: Promise<boolean>;
    };
    const devices: unknown[] = [];
    let isDisabled: boolean | undefined;
    element.addEventListener("triptych-event", async ({ detail: { event } }) => {
      if (event.type !== "start") return;
      devices.push(event.device?.name);
      const menu = element.shadowRoot?.querySelector<HTMLSelectElement>("select[name=device]");
      isDisabled ??= menu?.disabled;
      element.setAttribute("device", "webgpu");
    });
    const outcomes = [await element.generate("Once upon a time"), await element.generate("Once upon a time")];
    return { devices, isDisabled, reasons: outcomes.map(({ autoregressive: end }) => "reason" in end && end.reason) };
  });
  expect(seen).toEqual({ devices: ["wasm", "webgpu"], isDisabled: true, reasons: ["length", "length"] });
});

test("a device that there isn't is refused by its name, in an attribute and in an address", async ({ page }) => {
  await openBare(page, '<triptych-generate models="/models/" device="gpu" max-new-tokens="4"></triptych-generate>');
  const outcomes = await generate(page, "triptych-generate", "Once");
  expect(outcomes.autoregressive).toMatchObject({ error: { code: "invalid_option" } });
  await expect(page.getByRole("alert")).toContainText(/device can't be "gpu".*auto, webgpu, wasm/s);
  await page.goto("/?device=gpu");
  await expect(page.locator(".left-out li")).toHaveText([
    "device=gpu: there are auto, webgpu, wasm, webnn, onnx-webgpu",
  ]);
});

test("the panel measures what forwards cost on wasm, and says what it can't measure there", async ({ page }) => {
  await page.goto("/?device=wasm");
  await page.getByText("This device", { exact: true }).click();
  await page.getByRole("button", { name: "Measure", exact: true }).click();
  await expect(page.locator(".costs")).toHaveText(/^A forward of one row takes /);
  const panel = page.locator(".device");
  await expect(panel).toContainText("are measured on webgpu alone");
  await expect(panel).toContainText(/Runs on wasm: ONNX Runtime/);
  await expect(panel.locator(".limits")).toHaveCount(0);
  await expect(page.getByRole("alert")).toHaveCount(0);
  expect(await faultsOf(page)).toEqual([]);
  // Costs of one device say nothing of another's.
  await page.getByRole("combobox", { name: "Device", exact: true }).selectOption("webgpu");
  await expect(page.locator(".costs")).toHaveCount(0);
});

test.describe("an address that leaves the choice", () => {
  test.use({ usual: "auto" });

  test("unless told, what a software adapter's page first runs on isn't timed before its text, which it says", async ({
    page,
  }) => {
    await page.goto("/?max_new_tokens=4");
    await expect(page.getByRole("combobox", { name: "Device", exact: true })).toHaveValue("auto");
    await page.getByRole("button", { name: "Generate" }).click();
    for (const label of REGIONS) await reaches(page, label, "done");
    await expect(runsOn(page)).toHaveText(
      /^Runs on wasm: .+ is taken for this visit, and both are timed behind the first text, for the next\.$/,
    );
  });
});
