import { expect, type Locator } from "@playwright/test";
import { pickMethod, reaches, region, test, textOf } from "./triptych-page.js";

test.use({ usual: "wasm" });

const alone = (pane: Locator) => pane.getByText(/^This pane alone/);
const here = (pane: Locator) => pane.locator('[part="here"] li');

test("two panes of one decoder have options of their own, which the address gives back", async ({ page }) => {
  await page.goto("/?max_new_tokens=8&panes=autoregressive,autoregressive,speculative");
  const [first, second] = [page.locator(".pane").nth(0), page.locator(".pane").nth(1)];
  await alone(second).click();
  await second.getByLabel("Temperature").fill("0");
  await expect(second.getByLabel("Top-p")).toBeDisabled();
  await second.getByLabel("Seed").fill("5");
  await expect(here(second)).toHaveText(["Temperature 0, set for this pane.", "Seed 5, set for this pane."]);
  await expect(here(first)).toHaveCount(0);
  await expect(page).toHaveURL(/2\.temperature=0/);
  await page.getByRole("button", { name: "Generate" }).click();
  for (const pane of [first, second]) await expect(pane).toHaveAttribute("data-state", "done", { timeout: 300_000 });
  const texts = () => Promise.all([first, second].map((pane) => pane.locator('[part="text"]').textContent()));
  const before = await texts();
  expect(before[0]).not.toBe(before[1]);
  await expect(page.locator(".differ")).toContainText("temperature 0.7 in");
  const address = page.url();
  await page.reload();
  await expect(here(second)).toHaveCount(2);
  await page.getByRole("button", { name: "Generate" }).click();
  for (const pane of [first, second]) await expect(pane).toHaveAttribute("data-state", "done", { timeout: 300_000 });
  expect(await texts()).toEqual(before);
  expect(page.url()).toBe(address);
});

test("a decoder that knows one temperature has it in its pane, which says so, beside panes that draw", async ({
  page,
}) => {
  await page.goto("/?max_new_tokens=12&common.top_p=0.9");
  await pickMethod(page, region(page, "Diffusion"), "Momentum decoding");
  const pane = region(page, "Momentum");
  await expect(here(pane)).toHaveText([
    /temperature isn’t taken\. Always 0: /,
    /top_p isn’t taken\. top_p changes nothing/,
  ]);
  await expect(pane.locator(".refusal")).toHaveCount(0);
  await alone(pane).click();
  await expect(pane.getByLabel("Temperature, Momentum")).toBeDisabled();
  await page.getByRole("button", { name: "Generate" }).click();
  for (const label of ["Autoregressive", "Momentum", "Speculative"]) await reaches(page, label, "done");
  expect((await textOf(page, "Momentum")).length).toBeGreaterThan(0);
  await expect(page.locator(".differ")).toHaveText(
    /temperature 0\.7 in Autoregressive, 0 in Momentum, 0\.7 in Speculative/,
  );
  // What the page asks of every decoder wrongly is refused all the same.
  await page.getByLabel("Temperature", { exact: true }).fill("0");
  await expect(page.locator(".refusal").first()).toContainText("top_p changes nothing beside temperature 0");
});

test("addresses of before, with options by decoder, set them in every pane that has it", async ({ page }) => {
  await page.goto(
    "/?speculative.drafter=prompt-lookup&panes=speculative,block-diffusion,speculative&momentum.alpha=0.5",
  );
  await expect(page.locator(".left-out")).toHaveCount(0);
  for (const at of [0, 2]) {
    const pane = page.locator(".pane").nth(at);
    await pane.getByText(/^Options/).click();
    await expect(pane.getByLabel("Drafter")).toHaveValue("prompt-lookup");
  }
  await expect(page).toHaveURL(/1\.drafter=prompt-lookup.*3\.drafter=prompt-lookup/);
  // A method leaves what tells no methods apart.
  const second = page.locator(".pane").nth(1);
  await pickMethod(page, second, "Momentum decoding");
  await second.getByText(/^Options/).click();
  await expect(second.getByLabel("Alpha")).toHaveValue("0.5");
});

test("what is wrong in one pane is named there, and the keyboard alone sets it right", async ({ page }) => {
  await page.goto("/?max_new_tokens=6");
  const pane = region(page, "Diffusion");
  await alone(pane).focus();
  await page.keyboard.press("Enter");
  const field = pane.getByLabel("Temperature, Diffusion");
  await expect(field).toBeVisible();
  for (let presses = 0; presses < 6; presses++) {
    await page.keyboard.press("Tab");
    if (await field.evaluate((one) => one.matches(":focus"))) break;
  }
  await expect(field).toBeFocused();
  await page.keyboard.type("warm");
  await expect(pane.locator(".refusal")).toContainText('temperature can\'t be "warm"');
  await expect(field).toHaveAttribute("aria-invalid", "true");
  await expect(page.locator(".desk .refusal")).toBeEmpty();
  for (let i = 0; i < 4; i++) await page.keyboard.press("Backspace");
  await expect(pane.locator(".refusal")).toHaveCount(0);
  await expect(here(pane)).toHaveCount(0);
});

test("what holds for every pane is none in a pane that says so, where its decoder can't take it", async ({ page }) => {
  const bias = encodeURIComponent('{"5":-2}');
  await page.goto(`/?max_new_tokens=8&common.logit_bias=${bias}&common.stop=zebra&panes=autoregressive,momentum`);
  const pane = region(page, "Momentum");
  await expect(pane.locator(".refusal")).toContainText("logit_bias can't be honoured by momentum");
  await alone(pane).click();
  const field = pane.getByLabel("Logit bias, Momentum", { exact: true });
  await expect(field).toHaveAttribute("placeholder", "5:-2");
  await pane.getByLabel("No Logit bias, Momentum").check();
  await expect(field).toBeDisabled();
  await pane.getByLabel("No Stop at, Momentum").check();
  await expect(pane.locator(".refusal")).toHaveCount(0);
  await expect(here(pane)).toContainText(["Logit bias none, set for this pane.", "Stop at none, set for this pane."]);
  await expect(page).toHaveURL(/2\.logit_bias=%7B%7D.*2\.stop=/);
  await page.reload();
  await page.getByRole("button", { name: "Generate" }).click();
  for (const label of ["Autoregressive", "Momentum"]) await reaches(page, label, "done");
  await expect(page.locator(".differ")).toContainText('logit bias {"5":-2} in Autoregressive, none in Momentum');
  await alone(pane).click();
  await pane.getByLabel("No Logit bias, Momentum").uncheck();
  await expect(pane.locator(".refusal")).toContainText("logit_bias can't be honoured by momentum");
});
