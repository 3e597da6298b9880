import { describe, expect, it } from "vitest";
import { checkTrace, readTrace } from "./read-trace.js";
import { LIMITS, TraceError } from "./trace.js";
import { traceOf, writeTrace } from "./write-trace.js";

const METRICS = {
  ...{ promptTokens: 1, tokens: 1, steps: 1, forwards: 1, rows: 1, draftForwards: 0, forwardsBy: {} },
  ...{ discardedForwards: 0, waits: 0, tokensPerForward: 1, proposed: 0, accepted: 0, dispatches: 9 },
  ...{ readbackBytes: 4, timeToFirstTokenMs: 5, elapsedMs: 5, ownMs: 5, tokensPerSecond: 200 },
};
const COUNTS = { forwards: 1, rows: 1, draftForwards: 0, waits: 0, dispatches: 9, readbackBytes: 4 };

/** A trace of one token, as JSON has it: to be changed. */
const plain = () => ({
  ...{ format: "triptych-trace", version: 1, date: "2026-11-30", adapter: "a CPU", prompt: "a" },
  settings: { seed: 7 } as Record<string, unknown>,
  panes: [
    {
      ...{ name: "autoregressive", label: "Autoregressive", decoder: "autoregressive" },
      events: [
        {
          ...{ type: "start", seq: 0, decoder: "autoregressive", label: "Autoregressive", fidelity: "exact" },
          law: { of: "m's law", rounded: [], why: null, sentence: "Exactly m's law." },
          options: { seed: 7, stop: ["."], logit_bias: { 5: -1 }, draft_cost: null, infill: false } as object,
          edits: [{ op: "insert", slot: 0, after: null, token: 0, state: "prompt" }],
          pieces: [{ slot: 0, text: "a" }],
        },
        {
          ...{ type: "step", seq: 1, ...COUNTS, elapsedMs: 5, ownMs: 5 },
          edits: [{ op: "insert", slot: 1, after: 0, token: 7, state: "committed", logprob: -0.5 }],
          pieces: [{ slot: 1, text: " b" }],
        },
        { ...{ type: "done", seq: 2, reason: "length", text: " b", ids: [7] }, metrics: METRICS },
      ],
    },
  ],
});

type Place = [...(string | number)[], unknown];
/** The trace with values put at places. */
function changed(...places: Place[]): string {
  const trace = plain();
  for (const place of places) {
    const path = place.slice(0, -2) as string[];
    const node = path.reduce((inner, key) => Reflect.get(inner, key), trace as object);
    Reflect.set(node, place.at(-2) as string, place.at(-1));
  }
  return JSON.stringify(trace);
}

function refusal(file: string | Uint8Array): string {
  try {
    readTrace(file);
  } catch (error) {
    if (error instanceof TraceError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "read";
}

const EVENTS = ["panes", 0, "events"] as const;
const STEP = [...EVENTS, 1] as const;

describe("a trace", () => {
  it("is read as it was written, from text, from bytes and from what JSON holds", () => {
    const text = changed();
    for (const read of [readTrace(text), readTrace(new TextEncoder().encode(text)), checkTrace(plain())]) {
      expect(read).toEqual(plain());
    }
  });

  it("is written with times to a hundredth of a millisecond, fractions to six digits, and without what isn't finite", () => {
    const trace = readTrace(changed([...STEP, "elapsedMs", 5.123456], [...STEP, "edits", 0, "logprob", -0.123456789]));
    const [{ events }] = trace.panes;
    const step = events[1];
    if (step.type !== "step") throw new Error("no step");
    expect(JSON.parse(writeTrace(trace)).panes[0].events[1]).toEqual({
      ...step,
      elapsedMs: 5.12,
      edits: [{ ...step.edits[0], logprob: -0.123457 }],
    });
    const endless = { ...step, edits: [{ ...step.edits[0], logprob: Number.NEGATIVE_INFINITY }] };
    const file = writeTrace(traceOf({ ...trace, panes: [{ ...trace.panes[0], events: [events[0], endless] }] }));
    expect(readTrace(file).panes[0].events[1]).toEqual({
      ...step,
      elapsedMs: 5.12,
      edits: [{ ...step.edits[0], logprob: undefined }],
    });
  });

  it("leaves panes without a run out", () => {
    const trace = readTrace(changed());
    const panes = [{ name: "a", label: "A", decoder: "a", events: [] }, ...trace.panes];
    expect(traceOf({ ...trace, panes })).toEqual(trace);
  });

  it("holds texts of any kind as they are", () => {
    const hostile = `<img src=x onerror=alert(1)><script>alert(1)</script>&amp;\u202e\u0000\ud800 "}]`;
    const text = changed([...STEP, "pieces", 0, "text", hostile], ["prompt", hostile], ["adapter", hostile]);
    const trace = readTrace(text);
    expect([trace.prompt, trace.adapter]).toEqual([hostile, hostile]);
    expect(trace.panes[0].events[1]).toMatchObject({ pieces: [{ text: hostile }] });
  });

  it("has nothing of names that objects inherit, and nothing that no trace has", () => {
    const text = changed(["more", 1], [...STEP, "onclick", "x"]).replace(
      '"settings":{',
      '"__proto__":{"isBad":1},"settings":{"__proto__":"x","constructor":"x",',
    );
    const trace = readTrace(text);
    expect(trace).toEqual(plain());
    expect(Object.keys(trace.settings)).toEqual(["seed"]);
    expect(Reflect.get(trace, "isBad")).toBeUndefined();
  });
});

it.each<[string, string, string | Uint8Array]>([
  ["other JSON", 'trace_format: This is no trace: its format isn\'t "triptych-trace".', '{"panes": []}'],
  ["another file", "trace_format: This is no trace: a trace is JSON, and begins with {.", "<!doctype html>"],
  ["nothing", "trace_format: This is no trace: a trace is JSON, and begins with {.", ""],
  [
    "bytes that are no text",
    "trace_format: This is no trace: a trace is JSON in UTF-8, and these bytes aren't.",
    Uint8Array.of(0x7b, 0xff, 0xfe),
  ],
  [
    "a newer version",
    "trace_version: The trace was made by a newer Triptych: version 2; this reads 1.",
    changed(["version", 2], ["panes", "otherwise"]),
  ],
  [
    "no version",
    "trace_version: The trace has no version that there ever was; this reads 1.",
    changed(["version", "1"]),
  ],
  ["no date", 'trace_invalid: date is "yesterday", not a date in ISO 8601.', changed(["date", "yesterday"])],
  [
    "what is missing",
    "trace_invalid: panes[0].events[2].metrics is missing.",
    changed([...EVENTS, 2, "metrics", undefined]),
  ],
  ["no panes", "trace_invalid: panes has a length of 0; allowed is >=1.", changed(["panes", []])],
  [
    "nine panes",
    "trace_invalid: panes has a length of 9; allowed is <=8.",
    changed(["panes", Array(9).fill(plain().panes[0])]),
  ],
  ["another type", 'trace_invalid: panes[0].events[1].seq is "1", not number.', changed([...STEP, "seq", "1"])],
  ["less than none", "trace_invalid: panes[0].events[1].rows is -1, not >=0.", changed([...STEP, "rows", -1])],
  [
    "an event of no type",
    'trace_invalid: panes[0].events[1].type is "leap", not ("start" | "step" | "recovering" | "resumed" | "done" | "error").',
    changed([...STEP, "type", "leap"]),
  ],
  [
    "a token of ten million characters",
    "trace_invalid: panes[0].events[1].pieces[0].text has a length of 10000000; allowed is <=10000.",
    changed([...STEP, "pieces", 0, "text", "x".repeat(1e7)]),
  ],
  [
    "a long text where a number belongs",
    `trace_invalid: panes[0].events[1].seq is "${"x".repeat(79)}…, not number.`,
    changed([...STEP, "seq", "x".repeat(1e6)]),
  ],
  [
    "an edit of an unknown slot",
    "trace_invalid: panes[0].events[1].edits[0] is about slot 9, which isn't there.",
    changed([...STEP, "edits", [{ op: "write", slot: 9, token: 1, state: "committed" }]]),
  ],
  [
    "an insertion behind an unknown slot",
    "trace_invalid: panes[0].events[1].edits[0] is about slot 9, which isn't there.",
    changed([...STEP, "edits", 0, "after", 9]),
  ],
  [
    "a draft of an unknown slot",
    "trace_invalid: panes[0].events[1].edits[0] is about slot 9, which isn't there.",
    changed([...STEP, "edits", 0, "parent", 9]),
  ],
  [
    "a slot that is inserted again",
    "trace_invalid: panes[0].events[1].edits[0] inserts slot 0 a second time.",
    changed([...STEP, "edits", 0, "slot", 0]),
  ],
  [
    "a change of the prompt",
    "trace_invalid: panes[0].events[1].edits[0] changes slot 0 of the prompt.",
    changed([...STEP, "edits", [{ op: "delete", slot: 0 }]]),
  ],
  [
    "a token that becomes prompt",
    "trace_invalid: panes[0].events[1].edits[1] makes slot 1 part of the prompt.",
    changed([...STEP, "edits", 1, { op: "write", slot: 1, token: 1, state: "prompt" }]),
  ],
  [
    "a mask with a token",
    "trace_invalid: panes[0].events[1].edits[0] makes slot 1 mask with token 7: masks alone have none.",
    changed([...STEP, "edits", 0, "state", "mask"]),
  ],
  [
    "a piece of an unknown slot",
    "trace_invalid: panes[0].events[1].pieces[0] is of slot 9, which there never was.",
    changed([...STEP, "pieces", 0, "slot", 9]),
  ],
  [
    "time that runs back",
    "trace_invalid: panes[0].events[2] runs back: ownMs 4 behind 5.",
    changed([
      ...EVENTS,
      2,
      { ...JSON.parse(changed()).panes[0].events[1], ...{ seq: 2, edits: [], pieces: [], ownMs: 4 } },
    ]),
  ],
  ["order that runs back", "trace_invalid: panes[0].events[1] has seq 0 behind 0.", changed([...STEP, "seq", 0])],
  [
    "no beginning",
    "trace_invalid: panes[0].events[0] begins with step, where a run begins with start.",
    changed([...EVENTS, [plain().panes[0].events[1]]]),
  ],
  [
    "two beginnings",
    "trace_invalid: panes[0].events[1] starts a second time.",
    changed([...STEP, plain().panes[0].events[0]]),
  ],
  [
    "events behind the end",
    "trace_invalid: panes[0].events[1] is of type done, and others follow it.",
    changed([...STEP, plain().panes[0].events[2]]),
  ],
])("%s is refused: %s", (_name, words, file) => {
  expect(refusal(file)).toBe(words);
});

it("a trace that is cut anywhere is refused as that", () => {
  const text = changed();
  for (let end = 1; end < text.length; end += 37) {
    expect(refusal(text.slice(0, end))).toMatch(/^trace_damaged: The trace is cut off or damaged: /);
  }
});

it("a board is read with its clues, and refused where its solution has other cells, or it has too many", () => {
  const board = { columns: 2, clues: "1..2", solution: "1212" };
  expect(readTrace(changed(["board", board])).board).toEqual(board);
  expect(refusal(changed(["board", { ...board, solution: "121" }]))).toContain("trace_invalid: board is");
  expect(refusal(changed(["board", { ...board, columns: 0 }]))).toContain("trace_invalid: board.columns is 0");
  expect(refusal(changed(["board", { columns: 1, clues: ".".repeat(LIMITS.cells + 1) }]))).toContain(
    "trace_invalid: board.clues has a length of 257",
  );
});

it("a run that failed before it began is a trace of its error", () => {
  const error = { type: "error", seq: 0, name: "InvalidOptionError", code: "no_infill", message: "can't" };
  expect(refusal(changed([...EVENTS, [error]]))).toBe("read");
});

it("more bytes, events or tokens than a page can show are refused before they are shown", () => {
  expect(refusal(" ".repeat(LIMITS.bytes + 1))).toBe(
    "trace_too_large: The trace has 20000001 bytes; at most 20000000 are read.",
  );
  const edits = Array.from({ length: LIMITS.slots + 1 }, (_, i) => [i + 1, i]).map(([slot, after]) => ({
    ...{ op: "insert", slot, after, token: 1, state: "committed" },
  }));
  expect(refusal(changed([...STEP, "edits", edits]))).toBe(
    "trace_too_large: panes[0].events[1].edits[32767] makes more than 32768 tokens of one text.",
  );
});
