import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, type Page } from "@playwright/test";
import { root } from "./installed-package.js";
import { REGIONS, region, test } from "./triptych-page.js";

/** Smaller than the page, so that the pictures together stay below 600 kB. */
const SCALE = 0.6;

// Pictures of the page in fixed states, made anew with `npx playwright test e2e/looks.spec.ts --update-snapshots` and looked at before they are kept.
// Fonts differ from machine to machine: they are compared where the fonts are those that they were made with.
test.use({ usual: "wasm", contextOptions: { reducedMotion: "reduce" }, deviceScaleFactor: SCALE });

const MADE_WITH = path.join(root, "e2e/looks.spec.ts-snapshots/fonts.txt");
/** The families that the page's styles name last, which this machine has fonts for. */
const FAMILIES = ["system-ui", "sans-serif", "serif", "monospace", "Georgia", "DejaVu Sans Mono"];

/** What this machine draws letters with: its fonts by family, and the browser. */
function fontsHere(browser: string): string {
  const found = FAMILIES.map((family) => {
    const { stdout } = spawnSync("fc-match", ["--format", "%{file} %{fontversion}", family], { encoding: "utf8" });
    return `${family} ${path.basename(stdout ?? "no fontconfig")}`;
  });
  return createHash("sha256")
    .update([browser.split(".")[0], ...found].join("\n"))
    .digest("hex");
}

test.beforeEach(({ browser }, info) => {
  const here = fontsHere(browser.version());
  if (info.config.updateSnapshots === "all" || info.config.updateSnapshots === "changed") {
    writeFileSync(MADE_WITH, `${here}\n`);
    return;
  }
  const made = existsSync(MADE_WITH) ? readFileSync(MADE_WITH, "utf8").trim() : "";
  test.skip(made !== here, "the pictures were made with other fonts or another browser");
});

/** Waits until the recorded race stands at its end. */
async function standsStill(page: Page): Promise<void> {
  for (const label of REGIONS) await expect(region(page, label).locator(".status")).toHaveText("recorded, full length");
  await page.evaluate(() => document.fonts.ready);
}

/** The picture of what is in the window. Date and device of the recording change with it. */
async function looks(page: Page, name: string, isCovered = false): Promise<void> {
  // Rejected drafts stay for a while.
  await expect(page.locator(".ghost")).toHaveCount(0);
  await expect(page).toHaveScreenshot(`${name}.png`, {
    // A mask would lie above a dialog as well.
    mask: isCovered ? [] : [page.locator('[part="recorded"]'), page.locator('img[src$="page.png"]')],
    maskColor: "#888888",
    scale: "device",
    maxDiffPixelRatio: 0.002,
    timeout: 60_000,
  });
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`the page and its choice of methods look as they did, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto("/");
    await standsStill(page);
    await looks(page, `page-${colorScheme}`);
    await page.setViewportSize({ width: 390, height: 844 });
    await looks(page, `phone-${colorScheme}`);
    if (colorScheme === "dark") return;
    await page.setViewportSize({ width: 1280, height: 800 });
    await region(page, "Diffusion")
      .getByRole("button", { name: /^Change method/ })
      .click();
    await expect(page.locator(".method").first()).toBeVisible();
    await looks(page, "methods", true);
  });
}

test("a replay looks as it did", async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto("/e2e/pages/bare.html");
  await page.addScriptTag({ type: "module", url: "/dist/replay.js" });
  await page.evaluate(() => {
    document
      .querySelector("main")
      ?.insertAdjacentHTML("beforeend", '<triptych-replay trace="/recorded.json"></triptych-replay>');
  });
  await expect(page.getByRole("slider", { name: "Moment" })).toBeVisible();
  await looks(page, "replay");
});
