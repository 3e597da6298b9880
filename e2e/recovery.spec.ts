import { expect, type Page, type Worker } from "@playwright/test";
import { openBare, region, test } from "./triptych-page.js";
import { workerOf } from "./worker-in-hand.js";

/**
 * Where a run loses its device: as it asks for its `n`-th result to be read (0: as it begins; `null`: never). The worker itself takes the
 * device away: that read fails, and no run ends without what it has asked to read, however fast the machine is.
 */
type Place = number | null;

/** Opens a page whose runs lose their device at these places, in turn. `isHeld`: and get another one once `goOn()` is called in the worker. */
async function openLossy(page: Page, places: readonly Place[], { markup = "", isHeld = false } = {}): Promise<Worker> {
  await openBare(page, markup);
  const worker = await workerOf(page);
  await worker.evaluate(
    ([places, isHeld]) => {
      const left = [...places];
      let device: GPUDevice | null = null;
      let numReads: number | null = null;
      const loseAt = (place: number | null) => place === 0 && device?.destroy();
      let goOn = () => {};
      const held = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      Object.assign(globalThis, { goOn });
      const { createCommandEncoder } = GPUDevice.prototype;
      GPUDevice.prototype.createCommandEncoder = function (...how) {
        device = this;
        return createCommandEncoder.apply(this, how);
      };
      const { requestDevice } = GPUAdapter.prototype;
      GPUAdapter.prototype.requestDevice = async function (...how) {
        if (isHeld) await held;
        return requestDevice.apply(this, how);
      };
      const { mapAsync } = GPUBuffer.prototype;
      GPUBuffer.prototype.mapAsync = function (...how) {
        if (numReads !== null) loseAt(--numReads);
        return mapAsync.apply(this, how);
      };
      // What measures and compiles for a run reads before its first event, which is posted at once.
      const { postMessage } = MessagePort.prototype;
      MessagePort.prototype.postMessage = function (this: MessagePort, message, ...how: unknown[]) {
        if (message?.events?.[0].type === "start") {
          numReads = left.shift() ?? null;
          loseAt(numReads);
        }
        return Reflect.apply(postMessage, this, [message, ...how]);
      };
    },
    [places, isHeld] as const,
  );
  return worker;
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

/** Runs a decoder in the page. */
function write(page: Page, decoder: string): Promise<Told> {
  return page.evaluate(
    async ([name, prompt]) => {
      const path = "/dist/index.js";
      const { load } = await import(path);
      const isFiller = name === "block-diffusion";
      const model = await load(isFiller ? "/models/story-diffusion/" : "/models/stories260k/");
      const draft = name === "speculative" ? model : undefined;
      const told: Told = { text: "", edits: [], types: [], isGapless: true, error: null };
      let numEvents = 0;
      try {
        const drawn = name === "contrastive" || name === "momentum" ? {} : { temperature: 0.8, seed: 3 };
        const options = { decoder: name, draft, max_new_tokens: isFiller ? 24 : 64, ...drawn };
        for await (const event of model.generate(prompt, options)) {
          told.text = event.text;
          told.isGapless &&= event.seq === numEvents++;
          if (event.type === "step") {
            // How many tokens a round accepts is a matter of what its drafter remembers.
            if (!draft) told.edits.push(JSON.stringify(event.edits));
          } else told.types.push(event.type);
        }
      } catch (error) {
        told.error = (error as Error).message;
      }
      return told;
    },
    [decoder, decoder === "set-based" ? SETS : PROMPT] as const,
  );
}

// Two for each page: the third loss within a minute is one too many. One read brings the results of up to four steps, so that 64 steps
// make 17 reads on the fastest machine.
const PLACES: [string, number, number][] = [
  ["autoregressive", 1, 2],
  ["autoregressive", 4, 8],
  ["autoregressive", 11, 14],
  ["block-diffusion", 1, 4],
  ["speculative", 1, 3],
  // The states of the text before are read anew.
  ["contrastive", 1, 8],
  ["contrastive", 0, 14],
  // The graph of the text before is built anew.
  ["momentum", 2, 12],
  // The sets are read anew, or again where they were being read.
  ["set-based", 0, 1],
  ["set-based", 5, 13],
];

for (const [decoder, ...places] of PLACES) {
  test(`${decoder} whose device is destroyed at its reads ${places.join(" and ")} writes the same text`, async ({
    page,
  }) => {
    await openLossy(page, [null, ...places]);
    const whole = await write(page, decoder);
    expect(whole).toMatchObject({ types: ["start", "done"], error: null });
    for (const _ of places) {
      const told = await write(page, decoder);
      expect(told).toEqual({ ...whole, types: ["start", "recovering", "resumed", "done"] });
    }
  });
}

test("after three losses within a minute a run stops with the reason, and the next one writes", async ({ page }) => {
  await openLossy(page, [1, 1, 1, null]);
  await write(page, "autoregressive");
  await write(page, "autoregressive");
  const third = await write(page, "autoregressive");
  expect(third.error).toMatch(/lost 3 times within a minute \(.+\)/);
  expect(third.types).toEqual(["start", "recovering"]);
  expect(await write(page, "autoregressive")).toMatchObject({ error: null, types: ["start", "done"] });
});

test("a pane says that it recovers, and then writes on", async ({ page }) => {
  const markup = '<triptych-generate models="/models/" max-new-tokens="64" prompt="Once"></triptych-generate>';
  const worker = await openLossy(page, [1], { markup, isHeld: true });
  await page.evaluate(() => {
    void (document.querySelector("triptych-generate") as unknown as { generate(): Promise<unknown> }).generate();
  });
  const pane = region(page, "Autoregressive");
  await expect(pane.locator(".status")).toContainText("recovering");
  await worker.evaluate(() => (globalThis as unknown as { goOn(): void }).goOn());
  await expect(pane).toHaveAttribute("data-state", "done");
});
