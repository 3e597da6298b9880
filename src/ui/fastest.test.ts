// @vitest-environment happy-dom
import { render } from "lit";
import { expect, it, vi } from "vitest";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { type Job, startRun } from "../worker/client.js";
import { fastestOf, findFastest, renderFastest, UNMEASURED } from "./fastest.js";

vi.mock("../worker/client.js", async (original) => ({ ...(await original<object>()), startRun: vi.fn() }));

/** The next run of the worker: ends as `done`, or when it is cancelled. */
function nextRun(done?: Promise<unknown>) {
  const jobs: Job[] = [];
  let end: () => void;
  const cancelled = new Promise<void>((resolve) => {
    end = resolve;
  });
  const cancel = vi.fn(() => end());
  vi.mocked(startRun).mockImplementationOnce((job) => {
    jobs.push(job);
    return { done: (done ?? cancelled) as never, cancel };
  });
  return { jobs, cancel };
}

const MODELS = [{ url: "a/" }, { url: "b/" }] as const;

it("where forwards are too slow to be timed before the text, drafts are made without costs, and why is told", async () => {
  const words = "A forward takes 1.2 s here: timing what forwards cost would take 22 s before the text.";
  const { jobs } = nextRun(Promise.reject(new InvalidOptionError(words, "slow_costs")));
  expect(await findFastest(...MODELS, new AbortController().signal)).toEqual({
    options: { drafter: "suffix", num_assistant_tokens_schedule: "constant" },
    byModel: null,
    tooSlow: words,
  });
  expect(jobs).toMatchObject([{ mostMeasuringMs: 3000, options: { max_new_tokens: 1 } }]);
});

it("a stop ends what is timed, and nothing is known then; one that comes before has nothing timed", async () => {
  const { cancel } = nextRun();
  const stop = new AbortController();
  const finding = findFastest(...MODELS, stop.signal);
  expect(cancel).not.toHaveBeenCalled();
  stop.abort();
  expect(await finding).toBeNull();
  expect(cancel).toHaveBeenCalledOnce();
  vi.mocked(startRun).mockClear();
  expect(await findFastest(...MODELS, stop.signal)).toBeNull();
  expect(startRun).not.toHaveBeenCalled();
  nextRun(Promise.reject(new Error("gone")));
  expect(await findFastest(...MODELS, new AbortController().signal)).toBe(UNMEASURED);
});

const SWIFTSHADER = { forward_costs: { 1: 1, 2: 1.41, 4: 1.82, 8: 2.7 }, draft_cost: 0.26, wait_cost: 0.3 };
const LAVAPIPE = { forward_costs: { 1: 1, 2: 1.13, 4: 1.49, 8: 2.1 }, draft_cost: 0.15, wait_cost: 0.2 };

it("a draft model drafts where half of its drafts accepted would pay for it, and what occurred before where not", () => {
  const slow = fastestOf(SWIFTSHADER);
  // One draft: 1.5 tokens at the cost of two rows and a draft forward of two.
  expect(slow.byModel).toBeCloseTo(1.5 / (1.41 + 0.26 * 1.41), 12);
  expect(slow.options).toEqual({
    drafter: "suffix",
    num_assistant_tokens_schedule: "adaptive",
    num_assistant_tokens: 7,
  });
  const fast = fastestOf(LAVAPIPE);
  expect(fast.byModel).toBeCloseTo(1.5 / (1.13 + 0.15 * 1.13), 12);
  expect(fast.options).toMatchObject({ drafter: "model", num_assistant_tokens_schedule: "adaptive" });
  // Rows that cost nothing: seven drafts.
  const wide = fastestOf({ forward_costs: { 1: 1, 8: 1 }, draft_cost: 0 });
  expect(wide.byModel).toBeCloseTo(2 - 0.5 ** 7, 12);
});

it("a draft model whose tokens differ is told, and can draft by the text, whichever way that was found", async () => {
  const words = "The decoder speculative needs a draft model with the target's tokens (this one's differ: …).";
  const failure = { name: "InvalidOptionError", code: "other_vocabulary", message: words };
  nextRun(Promise.reject(new InvalidOptionError(words, failure.code)));
  const found = await findFastest(...MODELS, new AbortController().signal);
  expect(found).toEqual({ ...UNMEASURED, differs: words });
  const page = document.createElement("div");
  const chosen: unknown[] = [];
  const draw = (...given: Parameters<typeof renderFastest>) => {
    render(renderFastest(...given), page);
    return [...page.querySelectorAll("button")].map((button) => button.textContent);
  };
  const take = (one: object) => void chosen.push(one);
  expect(draw(UNMEASURED, UNMEASURED.options, take)).toEqual(["fastest here", "fixed draft length"]);
  const offered = ["fastest here", "fixed draft length", "draft by the text"];
  expect(draw(found ?? UNMEASURED, UNMEASURED.options, take)).toEqual(offered);
  expect(page.querySelector("p")?.textContent).toMatch(
    /this one's differ.* Until then drafts are what followed in the text/,
  );
  expect(draw(UNMEASURED, {}, take, failure)).toEqual(offered);
  page.querySelectorAll("button")[2].click();
  expect(chosen).toEqual([{ drafter: "retokenized" }]);
});
