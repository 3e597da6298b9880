import { readFileSync } from "node:fs";
import { expect, type Locator, type Page } from "@playwright/test";
import { readTrace } from "../src/ui/trace/read-trace.js";
import { faultsOf, REGIONS, reaches, region, test } from "./triptych-page.js";

test.use({
  usual: "wasm",
  permissions: ["clipboard-read", "clipboard-write"],
  contextOptions: { reducedMotion: "reduce" },
});

const FIGURES = ["tokens", "forwards", "tokens-per-forward"];
const HOSTILE = '<img src=x onerror="globalThis.harmed = 1"><script>globalThis.harmed = 1</script>';

/** What panes show: label, text and figures. */
function shownIn(place: Page | Locator): Promise<string[][]> {
  return Promise.all(
    REGIONS.map(async (label) => {
      const pane = place.locator(`.pane[aria-label="${label}"]`).first();
      const figures = FIGURES.map((name) => pane.locator(`[data-figure="${name}"] dd`).textContent());
      const parts = ["h2", '[part="prompt"]', '[part="text"]', '[part="fidelity"]'].map((one) =>
        pane.locator(one).first(),
      );
      return (await Promise.all([...parts.map((one) => one.textContent()), ...figures])).map((text) => text ?? "");
    }),
  );
}

async function open(page: Page): Promise<Locator> {
  const part = page.locator('[part="share"]');
  await part.locator("summary").click();
  return part;
}

test("a race is saved, linked, copied and kept, and comes back as it was", async ({ page }) => {
  await page.goto("/?max_new_tokens=6");
  await page.getByRole("button", { name: "Generate" }).click();
  for (const label of REGIONS) await reaches(page, label, "done");
  const shown = await shownIn(page);
  const part = await open(page);
  const status = part.locator(".said");
  const copied = async (name: string) => {
    await part.getByRole("button", { name, exact: true }).click();
    await expect(status).toHaveText(/is on the clipboard/);
    const text = await page.evaluate(() => navigator.clipboard.readText());
    await page.evaluate(() => navigator.clipboard.writeText(""));
    return text;
  };

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    part.getByRole("button", { name: "Save trace" }).click(),
  ]);
  const file = readFileSync(await download.path(), "utf8");
  const trace = readTrace(file);
  expect(trace.panes.map(({ label }) => label)).toEqual([...REGIONS]);
  for (const [i, { events }] of trace.panes.entries()) expect(events.at(-1)).toMatchObject({ text: shown[i][2] });

  const [, prompt, text] = shown[0];
  expect(await copied("Copy text")).toBe(prompt + text);
  expect(await copied("Copy all texts")).toBe(
    shown.map(([label, before, after]) => `${label}\n\n${before}${after}\n`).join("\n"),
  );
  expect(await copied("Copy as element")).toContain('max-new-tokens="6"');
  expect(await copied("Copy as library code")).toMatch(
    /^import \{ load \} from "triptych-lm";[\s\S]*"max_new_tokens":6/,
  );
  expect(await copied("Copy as command line")).toMatch(/^triptych run --model .* --max-new-tokens 6/);
  expect(await copied("Copy report (Markdown)")).toContain(`\`\`\`text\n${text}\n\`\`\``);
  expect(await faultsOf(page)).toEqual([]);

  const replay = part.locator("triptych-replay");
  const link = await copied("Copy link with trace");
  await page.goto("about:blank");
  await page.goto(link);
  await expect(replay.locator('[part="recorded"]')).toContainText("Nothing is computed here");
  expect(await shownIn(replay)).toEqual(shown);
  await expect(page.getByLabel("Length", { exact: true })).toHaveValue("6");

  const history = part.getByRole("region", { name: "Earlier races" });
  await expect(history.getByRole("listitem")).toHaveText([/Autoregressive: 6 tokens, \d+ forward passes/]);
  await history.getByRole("button", { name: /^Show again/ }).click();
  await expect(status).toHaveText(/^Replayed from/);
  expect(await shownIn(replay)).toEqual(shown);

  const give = (name: string, body: string) =>
    part.locator('input[type="file"]').setInputFiles({ name, mimeType: "application/json", buffer: Buffer.from(body) });
  const alert = part.getByRole("alert");
  await give("cut.json", file.slice(0, 2000));
  await expect(alert).toContainText("The trace is cut off or damaged");
  await give("new.json", file.replace('"version":1', '"version":2'));
  await expect(alert).toContainText("made by a newer Triptych: version 2");
  await expect(replay).toHaveCount(0);
  const hostile = JSON.stringify({
    ...trace,
    prompt: HOSTILE,
    adapter: HOSTILE,
    panes: trace.panes.map((pane) => ({
      ...pane,
      label: HOSTILE,
      events: pane.events.map((event) => ({
        ...event,
        ...("pieces" in event && { pieces: event.pieces.map((piece) => ({ ...piece, text: HOSTILE })) }),
        ...("text" in event && { text: HOSTILE }),
      })),
    })),
  });
  // Dropped on the element, wherever.
  await page.locator("triptych-compare").evaluate((element, body) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([body], "hostile.json"));
    element.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  }, hostile);
  await expect(replay.locator("h2").first()).toHaveText(HOSTILE);
  await expect(replay.locator('[part="text"]').first()).toContainText(HOSTILE);
  await expect(replay.locator("img, script")).toHaveCount(0);
  expect(await page.evaluate(() => (globalThis as { harmed?: number }).harmed)).toBeUndefined();
});

test("earlier races are the same in every tab, and where a browser keeps none the page says so and goes on", async ({
  page,
  context,
}) => {
  await page.goto("/");
  for (const label of REGIONS) await expect(region(page, label).locator(".status")).toHaveText("recorded, full length");
  const history = (one: Page) => one.getByRole("region", { name: "Earlier races" });
  await open(page);
  // A recorded race is none of this browser's.
  await expect(history(page)).toContainText("0 of at most 50 races");
  const other = await context.newPage();
  await other.goto("/");
  await open(other);
  await history(other).getByRole("checkbox").focus();
  await keepTwo(page);
  await expect(history(other).getByRole("listitem")).toHaveCount(2);
  await expect(history(page).getByRole("listitem")).toHaveText([/second/, /first/]);
  await history(other).getByRole("button", { name: "Delete the race of “second”" }).press("Enter");
  await expect(history(page).getByRole("listitem")).toHaveText([/first/]);
  await expect(history(other).getByRole("button", { name: "Show again the race of “first”" })).toBeFocused();
  await history(page).getByRole("button", { name: "Delete all" }).press("Enter");
  await expect(history(page).getByRole("listitem")).toHaveCount(1);
  await history(page).getByRole("button", { name: "Really delete all 1" }).press("Enter");
  await expect(history(other).getByRole("listitem")).toHaveCount(0);
  await expect(history(page).getByRole("checkbox")).toBeFocused();
  await history(page).getByRole("checkbox").press("Space");
  await expect(history(other).getByRole("checkbox")).not.toBeChecked();

  await other.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException("denied", "SecurityError");
    };
  });
  await other.reload();
  const part = await open(other);
  await expect(part.locator(".fault")).toContainText("keeps no races for this page");
  await expect(part.getByRole("button", { name: "Copy all texts" })).toBeEnabled();
});

/** Puts two races into the browser's storage, as the page does, and tells of them. */
async function keepTwo(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const opening = indexedDB.open("triptych-history");
    const database = await new Promise<IDBDatabase>((resolve) => {
      opening.onsuccess = () => resolve(opening.result);
    });
    const store = database.transaction("races", "readwrite").objectStore("races");
    for (const [id, prompt] of Object.entries({ "1": "first", "2": "second" })) {
      store.put({ id, date: "2026-11-30", prompt, panes: [], trace: new Blob(["{}"]) }, id);
    }
    await new Promise((resolve) => {
      store.transaction.oncomplete = resolve;
    });
    database.close();
    new BroadcastChannel("triptych-history").postMessage(null);
  });
}
