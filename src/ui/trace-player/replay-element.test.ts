// @vitest-environment happy-dom
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { GenerationEvent } from "../../vocabulary/events.js";
import { CanvasView } from "../canvas-view.js";
import { RunView } from "../run-view.js";
import { Tally } from "../tally.js";
import type { Trace } from "../trace/trace.js";
import { framesOf, Moments } from "../playback/moments.js";
import { ReplayElement } from "./replay-element.js";

customElements.define("triptych-replay", ReplayElement);

const COUNTS = { forwards: 1, rows: 1, draftForwards: 0, waits: 0, dispatches: 9, readbackBytes: 4 };
const METRICS = {
  ...{ promptTokens: 1, tokens: 3, steps: 3, forwards: 3, rows: 3, draftForwards: 0, forwardsBy: {} },
  ...{ discardedForwards: 0, waits: 0, tokensPerForward: 1, proposed: 0, accepted: 0, dispatches: 27 },
  ...{ readbackBytes: 12, timeToFirstTokenMs: 10, elapsedMs: 30, ownMs: 30, tokensPerSecond: 100 },
};

/** A run of three texts, one every `everyMs`. */
function runOf(everyMs: number, texts: readonly string[]): GenerationEvent[] {
  return [
    {
      ...{ type: "start", seq: 0, decoder: "autoregressive", label: "Autoregressive", fidelity: "exact" },
      law: { of: "m's law", rounded: [], why: null, sentence: "Exactly m's law." },
      options: { seed: 7 },
      edits: [{ op: "insert", slot: 0, after: null, token: 0, state: "prompt" }],
      pieces: [{ slot: 0, text: "a" }],
    },
    ...texts.map(
      (text, i): GenerationEvent => ({
        ...{ type: "step", seq: i + 1, ...COUNTS, elapsedMs: (i + 1) * everyMs, ownMs: (i + 1) * everyMs },
        edits: [{ op: "insert", slot: i + 1, after: i, token: i, state: "committed", logprob: -0.5 }],
        pieces: [{ slot: i + 1, text }],
      }),
    ),
    {
      ...{ type: "done", seq: texts.length + 1, reason: "length", text: texts.join(""), ids: [0, 1, 2] },
      metrics: METRICS,
    },
  ];
}

const HOSTILE = "<img src=x onerror=alert(1)>";
const trace: Trace = {
  ...{ format: "triptych-trace", version: 1, date: "2026-11-30T12:00:00Z", adapter: "a <b>CPU</b>", prompt: "a <b> c" },
  settings: {},
  panes: [
    { ...{ name: "p0", label: "One", decoder: "autoregressive" }, events: runOf(10, [" x", HOSTILE, " z"]) },
    { ...{ name: "p1", label: "Two", decoder: "autoregressive" }, events: runOf(15, [" u", " v", " w"]) },
  ],
};

/** What a pane shows of these events as they come. */
function liveOf(events: readonly GenerationEvent[]) {
  const run = new RunView();
  const [view, tally] = [new CanvasView(), new Tally()];
  run.subscribe((seen) => tally.add(seen));
  run.subscribe((seen) => view.apply(seen));
  for (const event of events) run.add(event);
  return { html: view.root.innerHTML, tokens: tally.tokens };
}

let element: ReplayElement;
beforeEach(() => {
  vi.useFakeTimers();
  element = document.createElement("triptych-replay") as ReplayElement;
});
afterEach(() => {
  element.remove();
  vi.useRealTimers();
});

async function put(source: unknown, attributes: Record<string, string> = {}): Promise<ShadowRoot> {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.trace = source as Trace;
  document.body.append(element);
  for (let i = 0; i < 5; i++) await element.updateComplete;
  return element.shadowRoot as ShadowRoot;
}
const texts = () =>
  Array.from(element.shadowRoot?.querySelectorAll('[part="text"]') ?? [], ({ innerHTML }) => innerHTML);
const figure = (name: string) =>
  Array.from(element.shadowRoot?.querySelectorAll(`[data-figure="${name}"] dd`) ?? [], (one) => one.textContent);

describe("a replay", () => {
  it("shows at its end the elements of the live runs, and at every moment those of the runs so far", async () => {
    const root = await put(trace);
    expect(texts()).toEqual(trace.panes.map(({ events }) => liveOf(events).html));
    const runs = trace.panes.map(({ events }) => new Moments(events));
    const frames = framesOf(runs, "time");
    expect(frames).toEqual([0, 10, 15, 20, 30, 45]);
    const told = (run: Moments, atMs: number) => run.eventsAt(run.stepAt("time", atMs));
    for (const at of [0, 3, 1, 5, 2]) {
      element.seek(at);
      await element.updateComplete;
      const lives = trace.panes.map(({ events }, i) => liveOf(events.slice(0, told(runs[i], frames[at]))));
      expect(texts()).toEqual(lives.map(({ html }) => html));
      expect(figure("tokens")).toEqual(lives.map(({ tokens }) => String(tokens)));
    }
    expect(root.querySelector("output")?.textContent).toBe("moment 2 of 5, after 15 ms");
  });

  it("sets everything that a trace holds as text", async () => {
    const root = await put(JSON.stringify(trace));
    expect(root.querySelector("img, b")).toBeNull();
    expect(root.querySelector('[part="text"]')?.textContent).toBe(` x${HOSTILE} z`);
    expect(root.querySelector('[part="prompt"]')?.textContent).toBe("a <b> c");
    expect(root.querySelector('[part="recorded"]')?.textContent).toContain("on 2026-11-30 on a <b>CPU</b>");
  });

  it("plays in the time of the runs, by its speed, and stops at the end", async () => {
    const heard: unknown[] = [];
    element.addEventListener("triptych-replay", (event) => heard.push((event as CustomEvent).detail));
    // A frame of the page every 16 ms; time counts from the first.
    const frames = (count: number) => vi.advanceTimersByTimeAsync(16 * count);
    await put(trace, { speed: "0.25", autoplay: "" });
    expect([element.position, element.playing]).toEqual([0, true]);
    await frames(3);
    expect(element.position).toBe(0);
    await frames(1);
    expect(element.position).toBe(1);
    element.speed = 2;
    await element.updateComplete;
    await frames(1);
    expect([element.position, element.playing]).toEqual([4, true]);
    await frames(1);
    expect([element.position, element.playing]).toEqual([5, false]);
    expect(heard).toEqual([0, 1, 4, 5].map((at, i) => ({ position: at, numMoments: 6, atMs: [0, 10, 30, 45][i] })));
    element.play();
    expect([element.position, element.playing]).toEqual([0, true]);
  });

  it("shows its end where motion isn't wanted, until someone plays it", async () => {
    vi.spyOn(globalThis, "matchMedia").mockReturnValue({ matches: true } as MediaQueryList);
    await put(trace, { autoplay: "" });
    expect([element.position, element.playing]).toEqual([5, false]);
    vi.restoreAllMocks();
  });

  it("says in words why something isn't played, and plays the next trace all the same", async () => {
    const heard: unknown[] = [];
    element.addEventListener("triptych-error", (event) => heard.push((event as CustomEvent).detail));
    const root = await put({ ...trace, version: 2 });
    expect(root.querySelector('[role="alert"]')?.textContent).toContain("made by a newer Triptych");
    expect(heard).toMatchObject([{ code: "trace_version" }]);
    element.trace = trace;
    for (let i = 0; i < 5; i++) await element.updateComplete;
    expect([root.querySelector('[role="alert"]'), texts().length]).toEqual([null, 2]);
  });

  it("shows a board as a grid, its cells as they were at the moment that is shown", async () => {
    const root = await put(readFileSync("public/traces/sudoku.json", "utf8"));
    const own = () => Array.from(root.querySelectorAll(".board"), (board) => board.querySelectorAll(".own").length);
    const states = () => Array.from(root.querySelectorAll(".status"), ({ textContent }) => textContent);
    expect(own()).toEqual([10, 10, 10, 10]);
    expect(states()).toEqual(["5 cells wrong", "solved", "solved", "solved"]);
    expect(root.querySelectorAll(".board .wrong")).toHaveLength(5);
    element.seek(0);
    await element.updateComplete;
    expect(own()).toEqual([0, 0, 0, 0]);
    expect(states()).toEqual(["writing", "writing", "writing", "writing"]);
  });

  it("shows a run that failed, and why", async () => {
    const error = { type: "error", seq: 0, name: "E", code: "no_infill", message: "can't <i>fill</i>" } as const;
    const root = await put({ ...trace, panes: [{ ...trace.panes[0], events: [error] }] });
    expect(root.querySelector('.paper [part="error"]')?.textContent).toBe("can't <i>fill</i>");
  });

  it("lets go of everything when it is removed, and plays again when it is put back", async () => {
    await put(trace, { autoplay: "" });
    element.remove();
    expect([element.numMoments, element.playing, vi.getTimerCount()]).toEqual([0, false, 0]);
    document.body.append(element);
    for (let i = 0; i < 5; i++) await element.updateComplete;
    expect([element.numMoments, element.playing]).toEqual([6, true]);
  });
});
