// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { CONFORMANCE_CASES, type ConformanceCase, HOLE } from "../../testing/conformance-cases.js";
import { hashedModels, rehearse } from "../../testing/rehearsal.js";
import { Canvas } from "../../vocabulary/canvas.js";
import type { GenerationEvent } from "../../vocabulary/events.js";
import { CanvasView } from "../canvas-view.js";
import { Replay } from "../replay.js";
import { Rounds } from "../rounds.js";
import { RunView } from "../run-view.js";
import { Tally } from "../tally.js";
import { readTrace } from "./read-trace.js";
import { TraceError } from "./trace.js";
import { traceOf, writeTrace } from "./write-trace.js";

const fileOf = (...runs: (readonly GenerationEvent[])[]) =>
  writeTrace(
    traceOf({
      date: "2026-11-30",
      adapter: "a mock",
      prompt: "abc",
      settings: { seed: 7 },
      panes: runs.map((events, i) => ({ name: `pane-${i}`, label: `Pane ${i}`, decoder: "any", events })),
    }),
  );

async function eventsOf({ decoder, kind, options }: ConformanceCase, numTokens = 18) {
  const promptIds = options.infill ? [0, 3, HOLE, HOLE, HOLE, 4] : [0, 3, 4, 1, 2];
  const asked = { temperature: 0.9, seed: 7, ...options, max_new_tokens: numTokens };
  let nowMs = 0;
  const clock = () => {
    nowMs += 1.2345678;
    return nowMs;
  };
  return (await rehearse({ decoder, models: hashedModels(kind), promptIds, options: asked, clock })).events;
}

/** What each viewer has made of a run. */
function seenOf(events: readonly GenerationEvent[]) {
  const run = new RunView();
  const viewers = { tally: new Tally(), rounds: new Rounds(), replay: new Replay() };
  const view = new CanvasView();
  for (const viewer of Object.values(viewers)) run.subscribe((seen) => viewer.add(seen));
  run.subscribe((seen) => view.apply(seen));
  for (const event of events) run.add(event);
  const html = view.root.innerHTML;
  for (const step of [0, 1, viewers.replay.numSteps]) viewers.replay.show(view, step);
  viewers.rounds.predict(null);
  return { ...viewers, html, text: view.root.textContent };
}

const counts = ({ tokens, steps, forwards, draftForwards, proposed, accepted, figures }: Tally) => ({
  ...{ tokens, steps, forwards, draftForwards, proposed, accepted, figures: Object.keys(figures) },
});

describe.each(CONFORMANCE_CASES)("a trace of $name", (one) => {
  it("gives the canvas, the figures, the text and the elements of the run", async () => {
    const events = await eventsOf(one);
    const [pane] = readTrace(fileOf(events)).panes;
    const editsOf = (all: readonly GenerationEvent[]) => all.flatMap((event) => ("edits" in event ? event.edits : []));
    const plain = (all: readonly GenerationEvent[]) =>
      Canvas.replay(editsOf(all))
        .slots()
        .map(({ id, token, state }) => ({ id, token, state }));
    expect(plain(pane.events)).toEqual(plain(events));
    const [live, replayed] = [seenOf(events), seenOf(pane.events)];
    expect(counts(replayed.tally)).toEqual(counts(live.tally));
    expect(replayed.tally.tokensPerSecond).toBeCloseTo(live.tally.tokensPerSecond ?? -1, 2);
    expect(replayed.text).toBe(live.text);
    expect(replayed.html).toBe(live.html);
    expect(replayed.html).toContain("<span");
    // All that a run tells is in the trace of it.
    expect(pane.events.map((event) => shapeOf(event))).toEqual(events.map((event) => shapeOf(event)));
  });
});

/** A value with every number as 0. */
function shapeOf(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_name, inner) => (typeof inner === "number" ? 0 : inner)));
}

/** The same for the same seed. */
function dice(seed: number) {
  let state = seed * 7919 + 1;
  return (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % below;
  };
}

const ODD: readonly unknown[] = [
  ...[
    null,
    true,
    -1,
    0,
    1,
    2.5,
    1e308,
    2 ** 53,
    "",
    "start",
    "done",
    "delete",
    "insert",
    "mask",
    "committed",
    "prompt",
  ],
  ...["<img src=x onerror=alert(1)>", "\u202e\u0000\ud800", [], {}, [[]], { op: "insert" }],
  JSON.parse('{"__proto__": {"type": "done"}, "constructor": 1}'),
];

/** A file with one thing in it made another. */
function mutant(file: string, seed: number): string {
  const random = dice(seed);
  if (random(4) === 0) {
    const at = random(file.length);
    const put = ["", '"', "}", "[", "9", "-", "\\u0000", "e9", ",", "null"][random(10)];
    return file.slice(0, at) + put + file.slice(at + random(3) + (put === "" ? 1 + random(200) : 0));
  }
  const trace = JSON.parse(file);
  // Down from the root to some depth, or to a leaf.
  let node = trace;
  for (;;) {
    const keys = Object.keys(node);
    if (keys.length === 0) break;
    const key = keys[random(keys.length)];
    const child = node[key];
    if (typeof child === "object" && child !== null && random(8) > 0) {
      node = child;
      continue;
    }
    const way = random(5);
    if (way === 0) delete node[key];
    else if (way === 1 && Array.isArray(node)) node.splice(Number(key), 0, structuredClone(child));
    else if (way === 2 && Array.isArray(node)) node.splice(Number(key), 1);
    else if (way === 3 && typeof child === "number") node[key] = child + random(7) - 3;
    else node[key] = structuredClone(ODD[random(ODD.length)]);
    break;
  }
  return JSON.stringify(trace);
}

it("a thousand traces with one thing changed are read and shown, or refused by name, and nothing else happens", async () => {
  const named = (start: string) => CONFORMANCE_CASES.find(({ name }) => name.startsWith(start)) as ConformanceCase;
  const cases = ["block-diffusion", "speculative", "contrastive"].map(named);
  const files = (await Promise.all(cases.map((one) => eventsOf(one, 6)))).map((events) => fileOf(events));
  const fates: Record<string, number> = {};
  for (let seed = 0; seed < 1000; seed++) {
    const text = mutant(files[seed % files.length], seed);
    let fate = "read";
    try {
      for (const { events } of readTrace(text).panes) seenOf(events);
    } catch (error) {
      if (!(error instanceof TraceError)) throw new Error(`mutant ${seed}: ${error}`, { cause: error });
      expect(error.message.length, `mutant ${seed}`).toBeLessThan(400);
      fate = error.code;
    }
    fates[fate] = (fates[fate] ?? 0) + 1;
  }
  expect(Object.keys(fates).sort()).toEqual(
    ["read", "trace_damaged", "trace_format", "trace_invalid", "trace_version"].filter((fate) => fates[fate]),
  );
  // Neither lets everything pass nor refuses everything.
  expect(fates.read).toBeGreaterThan(100);
  expect(fates.trace_invalid).toBeGreaterThan(300);
});
