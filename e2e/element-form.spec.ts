import { expect, type Page } from "@playwright/test";
import type { GenerateElement } from "../src/ui/element.js";
import { faultsOf, test } from "./triptych-page.js";

test.use({ usual: "wasm" });

const FORM = "/e2e/pages/form.html";

/** Counts submissions of the form and generations, and keeps the page. */
async function openForm(page: Page): Promise<void> {
  await page.goto(FORM);
  await page.evaluate(() => {
    const seen = { submits: 0, starts: 0, changes: [] as string[], invalid: 0 };
    Object.assign(globalThis, { seen });
    const form = document.querySelector("form") as HTMLFormElement;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      seen.submits++;
    });
    form.addEventListener("triptych-start", () => seen.starts++);
    form.addEventListener("invalid", () => seen.invalid++, { capture: true });
    form.addEventListener("change", ({ target }) => {
      if (target instanceof HTMLElement && target.id === "story") seen.changes.push((target as GenerateElement).value);
    });
  });
}

/** The element's side of the form, with what the form would send. */
const state = (page: Page) =>
  page.evaluate(() => {
    const form = document.querySelector("form") as HTMLFormElement;
    const element = document.querySelector("triptych-generate") as GenerateElement;
    return {
      ...(globalThis as unknown as { seen: { submits: number; starts: number; changes: string[]; invalid: number } })
        .seen,
      sent: Object.fromEntries(new FormData(form)),
      value: element.value,
      isValid: element.validity.valid,
      message: element.validationMessage,
      isMatched: [element.matches(":invalid"), element.matches(":disabled"), element.form === form],
      labels: [...element.labels].map(({ textContent }) => textContent),
    };
  });

const written = (page: Page) => expect.poll(async () => (await state(page)).value, { timeout: 60_000 }).toMatch(/\w/);

test("in a form it is a control: what it has written is sent, is required, and is reset", async ({ page }) => {
  await openForm(page);
  const send = page.getByRole("button", { name: "Send" });
  await send.click();
  expect(await state(page)).toEqual({
    ...{ submits: 0, starts: 0, changes: [], invalid: 1, sent: { story: "", title: "" }, value: "", isValid: false },
    ...{ message: "Nothing is written yet: press Generate.", isMatched: [true, false, true], labels: ["Your story"] },
  });
  // What the browser shows its message at has the focus.
  expect(await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.textContent)).toBe("Generate");

  const prompt = page.getByLabel("Prompt");
  await page.getByText("Your story").click();
  await expect(prompt).toBeFocused();
  await page.keyboard.press("Control+Enter");
  await written(page);
  const { value, changes, ...after } = await state(page);
  expect(changes).toEqual([value]);
  expect(after).toMatchObject({ submits: 0, starts: 1, sent: { story: value, title: "" }, isValid: true, message: "" });
  expect(await page.getByRole("region").locator('[part="text"]').textContent()).toBe(value);
  await send.click();
  expect(await state(page)).toMatchObject({ submits: 1, starts: 1 });

  await prompt.fill("Tom saw");
  await page.getByLabel("Seed").fill("9");
  await page.evaluate(() => document.querySelector("form")?.reset());
  await expect(page.getByRole("region").locator('[part="text"]')).toHaveText("");
  await expect(prompt).toHaveValue("Once upon a time");
  await expect(page.getByLabel("Seed")).toHaveValue("3");
  expect(await state(page)).toMatchObject({ value: "", sent: { story: "" }, isValid: false });
});

test("Enter in the form's own fields never generates, and in the element's never submits the form", async ({
  page,
}) => {
  await openForm(page);
  await page.evaluate(() => document.querySelector("triptych-generate")?.removeAttribute("required"));
  const title = page.getByLabel("Title");
  await title.press("Enter");
  await title.press("Control+Enter");
  const { submits, starts } = await state(page);
  expect(starts).toBe(0);
  expect(submits).toBeGreaterThan(0);
  for (const [press, times] of [
    ["Enter", 1],
    ["Control+Enter", 2],
  ] as const) {
    await page.getByLabel("Length").press(press);
    await expect.poll(async () => (await state(page)).changes.length).toBe(times);
    expect(await state(page)).toMatchObject({ submits, starts: times });
  }
});

test("a disabled one, by itself or its fieldset, has its controls off, and is not sent", async ({ page }) => {
  await openForm(page);
  const button = page.getByRole("button", { name: "Generate", exact: true });
  const set = (selector: string, isDisabled: boolean) =>
    page.evaluate(
      ([selector, isDisabled]) => Object.assign(document.querySelector(selector) as object, { disabled: isDisabled }),
      [selector, isDisabled] as const,
    );
  for (const selector of ["triptych-generate", "fieldset"]) {
    await set(selector, true);
    await expect(button).toBeDisabled();
    await page.getByLabel("Written text").press("Control+Enter");
    expect(await state(page)).toMatchObject({ starts: 0, sent: { title: "" }, isMatched: [false, true, true] });
    expect((await state(page)).sent).not.toHaveProperty("story");
    await set(selector, false);
    await expect(button).toBeEnabled();
  }
  await expect(page.locator("triptych-generate")).not.toHaveAttribute("disabled");
});

test("what it had written is there again when a person comes back, and says so", async ({ page }) => {
  await openForm(page);
  await page.getByLabel("Prompt").fill("Tom saw a fox");
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  await written(page);
  const { value } = await state(page);
  await page.goto("/e2e/pages/bare.html");
  await page.goBack();
  await expect(page.getByLabel("Prompt")).toHaveValue("Tom saw a fox");
  await expect(page.getByText(`Written on an earlier visit: ${value.trim()}`)).toBeVisible();
  expect(await page.evaluate(() => document.querySelector("triptych-generate")?.value)).toBe(value);
});

test("slots, name and faults: heading and actions are shown, the note for browsers without it isn't", async ({
  page,
}) => {
  await openForm(page);
  await expect(page.getByRole("heading", { name: "A story" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Keep it" })).toBeVisible();
  await expect(page.locator("#note")).toBeHidden();
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  expect(nodes.filter(({ role, name }) => role?.value === "group" && name?.value === "Your story")).toHaveLength(1);
  expect(await faultsOf(page)).toEqual([]);
});
