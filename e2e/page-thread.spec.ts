import { expect } from "@playwright/test";
import type { PaneEventDetail } from "../src/ui/element.js";
import { REGIONS, reaches, test } from "./triptych-page.js";

interface Counts {
  devices: number;
  weightFiles: number;
  edits: number;
  /** Nodes that were put into or taken out of the three texts. */
  nodes: number;
}

/** Files of families, tokenizers, formats, addresses, chats and panels that a first run has no use for. */
const OF_OTHER_MODELS =
  /\/(text-(chat|dit-fold|families|gguf|heads|lora|measuring|memory|models|own-head|packed|page-models|tokenizers|vocabularies|whole)|models-element|stored-models|outside|reading-offers|presets|conversation)-/;

// Both are what keeps the page's thread free, counted: how long its tasks take depends on what else the machine does.
test("the page's thread opens no device and reads no weights, and draws of each step its own slots alone", async ({
  page,
}) => {
  await page.addInitScript(() => {
    const counts: Counts = { devices: 0, weightFiles: 0, edits: 0, nodes: 0 };
    Object.assign(globalThis, { counts });
    const { requestAdapter } = GPU.prototype;
    GPU.prototype.requestAdapter = function (options) {
      counts.devices++;
      return requestAdapter.call(this, options);
    };
    const { fetch } = globalThis;
    globalThis.fetch = (input, init) => {
      if (String(input instanceof Request ? input.url : input).includes(".safetensors")) counts.weightFiles++;
      return fetch(input, init);
    };
    addEventListener("triptych-event", (told) => {
      const { event } = (told as CustomEvent<PaneEventDetail>).detail;
      if (event.type === "step") counts.edits += event.edits.length;
    });
  });
  const files: string[] = [];
  page.on("request", (request) => files.push(new URL(request.url()).pathname));
  // With a setting in the address no recorded race is played, whose slots would be counted too.
  await page.goto("/?max_new_tokens=24");
  await expect(page.getByRole("button", { name: "Generate" })).toBeVisible();
  await page.locator("triptych-compare").evaluate((element) => {
    const { counts } = globalThis as unknown as { counts: Counts };
    const observer = new MutationObserver((records) => {
      for (const { addedNodes, removedNodes } of records) counts.nodes += addedNodes.length + removedNodes.length;
    });
    for (const text of element.shadowRoot?.querySelectorAll('[part="text"]') ?? []) {
      observer.observe(text, { childList: true, subtree: true });
    }
  });
  await page.getByRole("button", { name: "Generate" }).click();
  for (const label of REGIONS) await reaches(page, label, "done");
  const { devices, weightFiles, edits, nodes } = await page.evaluate(
    () => (globalThis as unknown as { counts: Counts }).counts,
  );
  expect([devices, weightFiles]).toEqual([0, 0]);
  expect(edits).toBeGreaterThanOrEqual(3 * 24);
  // An edit puts in or takes out its slot's element and text.
  expect(nodes).toBeGreaterThanOrEqual(3 * 24);
  expect(nodes).toBeLessThanOrEqual(2 * edits);
  // What other models than the package's own need is fetched with them.
  expect(files.filter((file) => OF_OTHER_MODELS.test(file))).toEqual([]);
  expect(files.filter((file) => file.includes("/text-speculative"))).toHaveLength(1);
});
