// @vitest-environment happy-dom
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { GenerationEvent } from "../vocabulary/events.js";
import { Pane } from "./pane.js";
import { RecordedRace, recordedTrace } from "./recording.js";
import { readTrace } from "./trace/read-trace.js";
import { TraceError } from "./trace/trace.js";

const file = readFileSync("public/recorded.json", "utf8");
const whole = readTrace(file);
/** Its first steps. */
const trace = { ...whole, panes: whole.panes.map((pane) => ({ ...pane, events: shortened(pane.events) })) };
function shortened(events: readonly GenerationEvent[]): GenerationEvent[] {
  return [...events.slice(0, 9), ...events.slice(-1)];
}
const host = { requestUpdate() {}, onPaneEvent: vi.fn(), onPaneError: vi.fn() };
const paneOf = (decoder: string) => new Pane(decoder, decoder, decoder, host);
const numTold = (panes: readonly Pane[]) => panes.map(({ events }) => events.length);

describe("a recorded race", () => {
  let panes: Pane[];
  let race: RecordedRace;
  beforeEach(() => {
    vi.useFakeTimers();
    panes = trace.panes.map(({ decoder }) => paneOf(decoder));
    race = new RecordedRace(trace);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("tells every event of every run, by one clock, and none of them to the page", async () => {
    const ended = race.play(panes, false);
    // It begins at the first token that any of them wrote, with what the others had shown by then.
    expect([numTold(panes), panes.map(({ tally }) => tally.tokens)]).toEqual([
      [1, 2, 1],
      [0, 1, 0],
    ]);
    await vi.advanceTimersByTimeAsync(3000);
    const half = numTold(panes);
    const atMs = trace.panes.map(({ events }, i) => {
      const [before, next] = [events[half[i] - 1], events[half[i]]];
      return ["ownMs" in before ? before.ownMs : 0, next && "ownMs" in next ? next.ownMs : Number.POSITIVE_INFINITY];
    });
    // All stand at one moment: none is past what is next for another.
    expect(Math.max(...atMs.map(([before]) => before))).toBeLessThanOrEqual(Math.min(...atMs.map(([, next]) => next)));
    expect(race.isPlaying).toBe(true);
    await vi.advanceTimersByTimeAsync(20_000);
    await ended;
    expect(panes.map(({ events }) => events)).toEqual(trace.panes.map(({ events }) => events));
    expect(panes.map(({ status }) => status)).toEqual(Array(3).fill("recorded, full length"));
    expect([race.isPlaying, vi.getTimerCount(), host.onPaneEvent.mock.calls.length]).toEqual([false, 0, 0]);
  });

  it("shows at once what is still to come, and its end where motion isn't wanted", async () => {
    const ended = race.play(panes, false);
    await vi.advanceTimersByTimeAsync(500);
    race.hurry();
    await ended;
    expect(numTold(panes)).toEqual(trace.panes.map(({ events }) => events.length));
    await race.play(panes, true);
    expect(numTold(panes)).toEqual(trace.panes.map(({ events }) => events.length));
    expect(race.isPlaying).toBe(false);
  });

  it("ends where all panes are stopped, and leaves one empty that it has no run of", async () => {
    const other = paneOf("momentum");
    const ended = race.play([...panes, other], false);
    await vi.advanceTimersByTimeAsync(500);
    const before = numTold(panes);
    for (const pane of panes) pane.cancel();
    await ended;
    await vi.advanceTimersByTimeAsync(5000);
    expect([numTold(panes), numTold([other]), vi.getTimerCount()]).toEqual([before, [0], 0]);
  });
});

describe("the recording of an address", () => {
  const read = (body: string | null, init?: ResponseInit) =>
    recordedTrace("a.json", Promise.resolve(new Response(body, init)));

  it("is a trace", async () => {
    expect(await read(file)).toEqual(whole);
  });

  it.each([
    ["trace_missing", null, { status: 404 }],
    ["trace_damaged", file.slice(0, 999), {}],
    ["trace_format", "[]", {}],
    ["trace_format", "null", {}],
    ["trace_version", '{"format":"triptych-trace","version":2}', {}],
  ])("is refused as %s", async (code, body, init) => {
    await expect(read(body, init)).rejects.toMatchObject({ code, constructor: TraceError });
  });

  it("is missing where nothing answers", async () => {
    await expect(recordedTrace("a.json", Promise.reject(new Error("offline")))).rejects.toMatchObject({
      code: "trace_missing",
    });
  });
});
