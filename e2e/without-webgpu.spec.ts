import { expect } from "@playwright/test";
import { findChromium, headlessFlags } from "../src/backend/webgpu/node/chromium.mjs";
import { faultsOf, REGIONS, reaches, region, test, textOf } from "./triptych-page.js";

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

test("WebGPU that is asked for by name is refused by name, with what to do", async ({ page }) => {
  await page.goto("/?device=webgpu");
  await page.getByRole("button", { name: "Generate" }).click();
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("can't run the models on the device");
  await expect(alert).toContainText("Choose the device “auto”");
  await expect(alert.getByText("gives no adapter")).toBeHidden();
  for (const label of REGIONS) await expect(region(page, label)).toHaveAttribute("data-state", "error");
  // Once, however many panes there are; and no recording where another device would write.
  await expect(alert).toHaveCount(1);
  await expect(page.getByRole("button", { name: "Look at a recorded run" })).toHaveCount(0);
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
  await expect(page.locator('[part="recorded"]')).toContainText("A recording. Nothing is computed here");
  for (const label of REGIONS) {
    await reaches(page, label, "done");
    await expect(region(page, label).locator(".status")).toHaveText("recorded, done: full length");
    await expect(region(page, label).locator('[data-figure="tokens"] dd')).toHaveText("64");
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
  await expect(page.getByRole("alert")).toContainText("can't run the models on the device");
  await expect(page.locator('[part="recorded"]')).toHaveCount(0);
});
