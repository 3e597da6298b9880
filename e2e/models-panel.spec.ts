import { readFileSync } from "node:fs";
import { expect, type Page } from "@playwright/test";
import type { CompareElement } from "../src/ui/element.js";
import { faultsOf, test } from "./triptych-page.js";

test.use({ usual: "wasm" });

const FOLDER = "public/models/stories260k";
const FILES = ["config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"];
const TEMPLATE =
  "{{ bos_token }}{% for m in messages %}{{ m.content }}{{ eos_token if m.role == 'assistant' else ' ' }}{% endfor %}";

/** A model with a chat template, as files that a person picks. */
const files = [
  ...FILES.map((name) => ({ name, mimeType: "", buffer: readFileSync(`${FOLDER}/${name}`) })),
  { name: "chat_template.jinja", mimeType: "", buffer: Buffer.from(TEMPLATE) },
];

async function openPanel(page: Page): Promise<void> {
  await page.getByText("Models: load your own").click();
  await expect(page.getByRole("heading", { name: "Kept in this browser" })).toBeVisible();
}

/** How many tokens the last answer forwarded, and of how many. */
async function forwarded(page: Page): Promise<number[]> {
  const note = page.getByRole("region", { name: "Chat" }).getByRole("status");
  await expect(note).toHaveText(/were forwarded/);
  return [...((await note.textContent()) ?? "").matchAll(/(\d+) of (\d+) were/g)].flatMap(([, own, all]) => [
    Number(own),
    Number(all),
  ]);
}

test("picked files are a model that answers two turns, of which the second forwards what is new, past a load that failed and one without a chat; nothing of the panel is loaded before", async ({
  page,
}) => {
  const urls: string[] = [];
  page.context().on("request", (request) => urls.push(request.url()));
  await page.goto("/");
  await expect(page.getByRole("button", { name: "Generate" })).toBeEnabled();
  expect(urls.filter((url) => /models-element|worker|stored/.test(url))).toEqual([]);
  await openPanel(page);
  await page.locator("triptych-models input[type=file][multiple]").setInputFiles(files);
  const loaded = page.getByRole("region", { name: "Loaded" });
  await expect(loaded).toContainText("wasm:");
  const turn = page.getByRole("textbox", { name: "Your message" });
  await turn.fill("Once upon a time, there was a girl named Lily.");
  await turn.press("Enter");
  const [first, all] = await forwarded(page);
  // All of it, but for a last token that the length ended.
  expect([all - 1, all]).toContain(first);
  // What fails to load takes nothing away.
  const address = page.getByRole("textbox", { name: /^Model:/ });
  await address.fill("./models/nothing/");
  await address.press("Enter");
  await expect(page.locator("triptych-models").getByRole("alert")).toContainText(/config\.json|model/);
  const said = page.getByRole("log").getByRole("paragraph");
  await expect(said).toHaveCount(2);
  await page.getByRole("region", { name: "Chat" }).getByText("Sampling").click();
  const length = page.getByRole("textbox", { name: "Length, chat" });
  // As generation_config.json has it, or the panel.
  await expect(length).toHaveAttribute("placeholder", "256");
  await length.fill("4");
  await turn.fill("The next day");
  await page.getByRole("button", { name: "Send" }).click();
  await expect(said).toHaveCount(4);
  await expect(page.getByRole("region", { name: "Chat" }).getByRole("status")).toHaveText(/^4 tokens/);
  await expect(page.getByRole("button", { name: "Stop", exact: true }).last()).toBeDisabled();
  const [second, whole] = await forwarded(page);
  expect(whole).toBeGreaterThan(all);
  // All of the first turn but its last token lies in the cache.
  expect(second).toBeLessThan(whole - all + 5);
  expect(await faultsOf(page)).toEqual([]);

  await page.getByRole("button", { name: "Write with it in the panes above" }).click();
  const target = page.locator("triptych-compare").evaluate((element) => (element as CompareElement).target);
  expect(await target).toMatch(/^picked:/);

  await address.fill("./models/stories260k/");
  await address.press("Enter");
  await expect(loaded).toContainText("stories260k can't chat. Its folder has no chat template");
  await expect(page.getByRole("region", { name: "Chat" })).toHaveCount(0);
  expect(await faultsOf(page)).toEqual([]);
  await page.getByRole("button", { name: "unload" }).click();
  await expect(loaded).toHaveCount(0);
  await expect.poll(() => page.workers().length).toBe(0);
});

test("a load is cancelled before its first byte and amid its weights; what comes from elsewhere is kept, listed with its size, and deleted", async ({
  page,
}) => {
  const elsewhere = "https://models.example/tiny";
  /** The file that doesn't come. */
  let held = "config.json";
  await page.context().route(`${elsewhere}/**`, async (route) => {
    const name = new URL(route.request().url()).pathname.split("/").pop() ?? "";
    const headers = { "access-control-allow-origin": "*", "access-control-allow-headers": "*" };
    const file = files.find((one) => one.name === name);
    if (name === held) await route.request().response();
    await route.fulfill(file ? { status: 200, headers, body: file.buffer } : { status: 404, headers }).catch(() => {});
  });
  await page.goto("/");
  await openPanel(page);
  const address = page.getByRole("textbox", { name: /^Model:/ });
  await address.fill(`${elsewhere}/`);
  for (const name of ["config.json", "model.safetensors"]) {
    held = name;
    const asked = page.context().waitForEvent("request", (request) => request.url().endsWith(name));
    await page.getByRole("button", { name: "Load", exact: true }).click();
    await asked;
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect(page.getByRole("button", { name: "Cancel" })).toHaveCount(0);
    await expect(page.locator("triptych-models").getByRole("alert")).toHaveCount(0);
  }
  held = "";
  await page.getByRole("button", { name: "Load", exact: true }).click();
  await expect(page.getByRole("region", { name: "Loaded" })).toBeVisible();
  const kept = page.getByRole("region", { name: "Kept in this browser" });
  const bytes = files.reduce((sum, { buffer }) => sum + buffer.length, 0);
  await expect(kept.getByRole("listitem")).toContainText(`${(bytes / 1e6).toFixed(1)} MB`);
  await page.getByRole("button", { name: "unload" }).click();
  await page.getByRole("button", { name: `Delete ${elsewhere}/` }).click();
  await expect(kept).toContainText("Nothing yet");
});

test("a diffusion model whose folder doesn't say how it reads is asked for it, the recipe of its name first, and then loads", async ({
  page,
}) => {
  const folder = "tests/fixtures/masked/a2d-qwen3";
  const elsewhere = "https://models.example/tiny-diffusion-bd3lm-v0.1";
  const headers = { "access-control-allow-origin": "*", "access-control-allow-headers": "*" };
  await page.context().route(`${elsewhere}/**`, async (route) => {
    const name = new URL(route.request().url()).pathname.split("/").pop() ?? "";
    const isThere = ["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"].includes(name);
    await route.fulfill(isThere ? { status: 200, headers, path: `${folder}/${name}` } : { status: 404, headers });
  });
  await page.goto("/");
  await openPanel(page);
  const address = page.getByRole("textbox", { name: /^Model:/ });
  await address.fill(`${elsewhere}/`);
  await address.press("Enter");
  const choice = page.getByRole("group", { name: "How does this model read?" });
  await expect(choice.getByRole("button").first()).toHaveText("blocks of 32 (bd3lm) — as its name says");
  await expect(choice.getByRole("button").nth(1)).toHaveText("its whole canvas (mdlm)");
  await choice.getByRole("button").first().click();
  await expect(page.getByRole("region", { name: "Loaded" })).toContainText("wasm:");
  await expect(choice).toHaveCount(0);
  await expect(page.locator("triptych-models").getByRole("alert")).toHaveCount(0);
});
