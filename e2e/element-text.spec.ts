import { expect } from "@playwright/test";
import { endOf, generate, openBare, REGIONS, reaches, region, test, textOf } from "./triptych-page.js";

test.use({ usual: "wasm" });

const SMALL = 'models="/models/" max-new-tokens="12" temperature="0.7" seed="5"';
const PROMPT = "Once upon a time";

test("the attributes rule a run: prompt, length, temperature, seed, models by role", async ({ page }) => {
  const roles = 'target="/models/story-ar" draft="/models/story-draft/" diffusion="/models/story-diffusion"';
  await openBare(
    page,
    `<triptych-compare ${roles} prompt="${PROMPT}" max-new-tokens="5" temperature="1" seed="9"></triptych-compare>`,
  );
  const first = await generate(page, "triptych-compare");
  const second = await generate(page, "triptych-compare");
  for (const pane of ["autoregressive", "diffusion", "speculative"]) {
    const outcome = first[pane];
    expect(endOf(first, pane)).toBe("length");
    expect("ids" in outcome && outcome.ids).toHaveLength(5);
    expect(second[pane]).toMatchObject({ ids: "ids" in outcome ? outcome.ids : null });
  }
  await page.evaluate(() => document.querySelector("triptych-compare")?.setAttribute("seed", "10"));
  const other = await generate(page, "triptych-compare", "Once upon a time");
  expect(other.autoregressive).not.toMatchObject({
    ids: "ids" in first.autoregressive ? first.autoregressive.ids : [],
  });
});

test("the property messages is both elements' prompt, as the model's template writes it, until a prompt is given", async ({
  page,
}) => {
  const template = "{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}";
  await page.context().route("**/stories260k/chat_template.jinja", (route) => route.fulfill({ body: template }));
  const small = 'target="/models/stories260k/" max-new-tokens="6" temperature="0"';
  await openBare(
    page,
    `<triptych-compare ${small}></triptych-compare><triptych-generate ${small}></triptych-generate>`,
  );
  await page.evaluate((content) => {
    for (const element of document.querySelectorAll("triptych-compare, triptych-generate")) {
      Object.assign(element, { messages: [{ role: "user", content }] });
    }
  }, PROMPT);
  for (const tag of ["triptych-compare", "triptych-generate"]) {
    const chat = await generate(page, tag);
    // The chat's own text is that of the prompt here; a prompt that is given takes its place.
    await expect(page.locator(tag).getByText("The page has set a chat, of 1 message")).toBeVisible();
    const plain = await generate(page, tag, PROMPT);
    await expect(page.locator(tag).getByText("The page has set a chat")).toHaveCount(0);
    expect(endOf(chat, "autoregressive")).toBe("length");
    expect(chat.autoregressive).toMatchObject({ ids: (plain.autoregressive as { ids: number[] }).ids });
  }
});

test("the single pane writes with any decoder", async ({ page }) => {
  await openBare(page, `<triptych-generate ${SMALL} decoder="speculative" prompt="${PROMPT}"></triptych-generate>`);
  const speculative = await generate(page, "triptych-generate");
  await reaches(page, "Speculative", "done");
  await page.evaluate(() => document.querySelector("triptych-generate")?.setAttribute("decoder", "autoregressive"));
  const autoregressive = await generate(page, "triptych-generate");
  await reaches(page, "Autoregressive", "done");
  const [one, other] = [speculative.speculative, autoregressive.autoregressive];
  expect("ids" in one && one.ids).toEqual("ids" in other && other.ids);
});

test("writes on from emoji and right-to-left text, and writes nothing for a length of 0", async ({ page }) => {
  await openBare(page, `<triptych-compare models="/models/" max-new-tokens="5" seed="5"></triptych-compare>`);
  for (const prompt of ["🦊👩‍👩‍👧 said", "שלום עולם, مرحبا", "a\u0000b\ud800c"]) {
    const outcomes = await generate(page, "triptych-compare", prompt);
    for (const label of REGIONS) {
      await reaches(page, label, "done");
      await expect(region(page, label).locator(".error")).toHaveCount(0);
    }
    expect(Object.keys(outcomes)).toHaveLength(3);
    // Each part runs in its own direction: English stays as it is behind Hebrew.
    const directions = await region(page, "Autoregressive")
      .locator('[part="prompt"], [part="text"]')
      .evaluateAll((parts) => parts.map((part) => getComputedStyle(part).direction));
    expect(directions).toEqual([prompt.startsWith("ש") ? "rtl" : "ltr", "ltr"]);
  }
  await page.evaluate(() => document.querySelector("triptych-compare")?.setAttribute("max-new-tokens", "0"));
  const nothing = await generate(page, "triptych-compare", PROMPT);
  for (const label of REGIONS) {
    expect(await textOf(page, label)).toBe("");
    await expect(region(page, label).locator(".status")).toHaveText("done: nothing to write");
  }
  expect(endOf(nothing, "diffusion")).toBe("length");
});
