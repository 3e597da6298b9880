import { expect, type Page } from "@playwright/test";
import { openBare, region, test } from "./triptych-page.js";

/** Has the page make a worker whose devices it can take away: `lose()` destroys the one in use. */
async function openLossy(page: Page, markup = ""): Promise<void> {
  await openBare(page, markup);
  await page.evaluate(async () => {
    const path = "/dist/index.js";
    const { setWorkerFactory } = await import(path);
    const code = `import "${location.origin}/dist/worker.js";
      const request = GPUAdapter.prototype.requestDevice;
      let device = null;
      GPUAdapter.prototype.requestDevice = async function (...how) {
        return (device = await request.apply(this, how));
      };
      new BroadcastChannel("lose").onmessage = () => device?.destroy();`;
    const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    setWorkerFactory(() => new Worker(url, { type: "module" }));
    const channel = new BroadcastChannel("lose");
    Object.assign(globalThis, { lose: () => channel.postMessage(0) });
  });
}

interface Told {
  text: string;
  /** What each step wrote. */
  edits: string[];
  /** Types of events that aren't steps, and whether `seq` had no gap. */
  types: string[];
  isGapless: boolean;
  error: string | null;
}

const PROMPT = "Once upon a time";
const SETS = "Tom has<set> a cat,<|> a big dog,<|> a ball,</set> and one day";

/** Runs a decoder in the page, and takes the device away after this step, 0 as soon as it has begun; `null`: never. */
function write(page: Page, decoder: string, lostAfter: number | null): Promise<Told> {
  return page.evaluate(
    async ([name, prompt, step]) => {
      const path = "/dist/index.js";
      const { load } = await import(path);
      const isFiller = name === "block-diffusion";
      const model = await load(isFiller ? "/models/story-diffusion/" : "/models/stories260k/");
      const draft = name === "speculative" ? model : undefined;
      const told: Told = { text: "", edits: [], types: [], isGapless: true, error: null };
      let numEvents = 0;
      let numSteps = 0;
      try {
        const drawn = name === "contrastive" || name === "momentum" ? {} : { temperature: 0.8, seed: 3 };
        const options = { decoder: name, draft, max_new_tokens: isFiller ? 24 : 64, ...drawn };
        for await (const event of model.generate(prompt, options)) {
          told.text = event.text;
          told.isGapless &&= event.seq === numEvents++;
          if (event.type === "step") {
            numSteps++;
            // How many tokens a round accepts is a matter of what its drafter remembers.
            if (!draft) told.edits.push(JSON.stringify(event.edits));
          } else told.types.push(event.type);
          const isLast = numSteps === step && (event.type === "step" || event.type === "start");
          if (isLast) (globalThis as unknown as { lose(): void }).lose();
        }
      } catch (error) {
        told.error = (error as Error).message;
      }
      return told;
    },
    [decoder, decoder === "set-based" ? SETS : PROMPT, lostAfter] as const,
  );
}

// Two places for each page: the third loss within a minute is one too many.
const PLACES: [string, number, number][] = [
  ["autoregressive", 1, 5],
  ["autoregressive", 9, 17],
  ["autoregressive", 25, 40],
  ["block-diffusion", 1, 6],
  ["speculative", 1, 3],
  // The states of the text before are read anew.
  ["contrastive", 1, 14],
  ["contrastive", 0, 40],
  // The graph of the text before is built anew.
  ["momentum", 2, 30],
  // The sets are read anew, or again where they were being read.
  ["set-based", 0, 1],
  ["set-based", 9, 33],
];

for (const [decoder, ...places] of PLACES) {
  test(`${decoder} whose device is destroyed after steps ${places.join(" and ")} writes the same text`, async ({
    page,
  }) => {
    await openLossy(page);
    const whole = await write(page, decoder, null);
    expect(whole).toMatchObject({ types: ["start", "done"], error: null });
    for (const place of places) {
      const told = await write(page, decoder, place);
      expect(told).toEqual({ ...whole, types: ["start", "recovering", "resumed", "done"] });
    }
  });
}

test("after three losses within a minute a run stops with the reason, and the next one writes", async ({ page }) => {
  await openLossy(page);
  await write(page, "autoregressive", 2);
  await write(page, "autoregressive", 2);
  const third = await write(page, "autoregressive", 2);
  expect(third.error).toMatch(/lost 3 times within a minute \(.+\)/);
  expect(third.types).toEqual(["start", "recovering"]);
  expect(await write(page, "autoregressive", null)).toMatchObject({ error: null, types: ["start", "done"] });
});

test("a pane says that it recovers, and then writes on", async ({ page }) => {
  await openLossy(page, '<triptych-generate models="/models/" max-new-tokens="64" prompt="Once"></triptych-generate>');
  await page.evaluate(() => {
    const element = document.querySelector("triptych-generate");
    let hasLost = false;
    element?.addEventListener("triptych-event", ({ detail: { event } }) => {
      if (event.type !== "step" || hasLost) return;
      hasLost = true;
      (globalThis as unknown as { lose(): void }).lose();
    });
    void (element as unknown as { generate(): Promise<unknown> }).generate();
  });
  const pane = region(page, "Autoregressive");
  await expect(pane.locator(".status")).toContainText("recovering");
  await expect(pane).toHaveAttribute("data-state", "done");
});
