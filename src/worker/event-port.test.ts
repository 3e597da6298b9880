import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { InvalidOptionError } from "../vocabulary/errors.js";
import type { DoneEvent, StepEvent } from "../vocabulary/events.js";
import { EventPort } from "./event-port.js";
import type { RunMessage } from "./protocol.js";

const step = (seq: number): StepEvent => ({
  type: "step",
  seq,
  edits: [],
  pieces: [],
  forwards: 1,
  draftForwards: 0,
  waits: 0,
  dispatches: 0,
  readbackBytes: 0,
  rows: 1,
  elapsedMs: 0,
  ownMs: 0,
});
const done = { type: "done", seq: 9, reason: "length", text: "", ids: [] } as unknown as DoneEvent;

function open(onCancel = () => {}) {
  const sent: RunMessage[] = [];
  const port = { onmessage: null, postMessage: (message: RunMessage) => sent.push(message) } as unknown as MessagePort;
  return { out: new EventPort(port, onCancel, () => Date.now()), sent, port };
}

describe("EventPort", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("sends the first event at once and gathers those of the next 16 ms", () => {
    const { out, sent } = open();
    for (let seq = 0; seq < 5; seq++) out.emit(step(seq));
    expect(sent.map((message) => message.type === "events" && message.events.length)).toEqual([1]);
    vi.advanceTimersByTime(15);
    expect(sent).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(sent.map((message) => message.type === "events" && message.events.length)).toEqual([1, 4]);
  });

  it("sends what is gathered before done, and nothing after it", () => {
    const { out, sent } = open();
    out.emit(step(0));
    out.emit(step(1));
    out.emit(done);
    out.emit(step(2));
    out.fail(new Error("late"));
    vi.advanceTimersByTime(100);
    expect(sent.map(({ type }) => type)).toEqual(["events", "events", "done"]);
  });

  it("ends a failed run with an error event that keeps class and code and follows in number", () => {
    const { out, sent } = open();
    out.emit(step(3));
    out.fail(new InvalidOptionError("no"));
    expect(sent.at(-1)).toMatchObject({
      type: "error",
      event: { name: "InvalidOptionError", code: "invalid_option", seq: 4 },
    });
  });

  it("hands a cancel message on", () => {
    const onCancel = vi.fn();
    const { port } = open(onCancel);
    port.onmessage?.({ data: { type: "cancel" } } as MessageEvent);
    expect(onCancel).toHaveBeenCalledOnce();
  });
});
