import { describe, expect, it } from "vitest";
import type { GenerationEvent } from "../../vocabulary/events.js";
import { fromLink, MAX_LINK, toLink } from "./link.js";
import { packTrace } from "./packed.js";
import { TraceError } from "./trace.js";
import { traceOf } from "./write-trace.js";

const METRICS = {
  ...{ promptTokens: 1, tokens: 2, steps: 2, forwards: 2, rows: 2, draftForwards: 0, forwardsBy: { drafter: 2 } },
  ...{ discardedForwards: 0, waits: 0, tokensPerForward: 1, proposed: 1, accepted: 0, dispatches: 9 },
  ...{ readbackBytes: 4, timeToFirstTokenMs: 5, elapsedMs: 9, ownMs: 9, tokensPerSecond: 222.2 },
};
const COUNTS = { forwards: 1, rows: 1, draftForwards: 1, waits: 0, dispatches: 9, readbackBytes: 4 };

/** A run of `numTokens` texts, each drafted as another one. */
function runOf(numTokens: number, text: (i: number) => string): GenerationEvent[] {
  const steps = Array.from({ length: numTokens }, (_, i): GenerationEvent => {
    const [slot, draft] = [2 * i + 1, 2 * i + 2];
    const after = Math.max(0, slot - 2);
    return {
      ...{ type: "step", seq: i + 1, ...COUNTS, elapsedMs: 5 + i, ownMs: 4 + i },
      edits: [
        { op: "insert", slot: draft, after, parent: after, token: 3, state: "draft" },
        { op: "delete", slot: draft },
        { op: "insert", slot, after, token: i, state: "committed", ...(i % 2 === 0 ? { logprob: -0.25 } : {}) },
      ],
      pieces: [
        { slot: draft, text: " draft" },
        { slot, text: text(i) },
      ],
    };
  });
  return [
    {
      ...{ type: "start", seq: 0, decoder: "speculative", label: "Speculative", fidelity: "identical" },
      law: { of: "m's law", rounded: ["q8"], why: null, sentence: "Exactly m's law." },
      options: { seed: 7, stop: ["."], logit_bias: { 5: -1 }, draft_cost: null },
      edits: [{ op: "insert", slot: 0, after: null, token: 0, state: "prompt" }],
      pieces: [{ slot: 0, text: "a" }],
    },
    ...steps,
    { ...{ type: "done", seq: numTokens + 1, reason: "length", text: "", ids: [] }, metrics: METRICS },
  ];
}

const traceOfRun = (...events: GenerationEvent[][]) =>
  traceOf({
    ...{ date: "2026-11-30", adapter: "a CPU", prompt: "a <mask:2> 🦊", settings: { seed: 7 } },
    panes: events.map((own, i) => ({ name: `p${i}`, label: `P${i}`, decoder: "speculative", events: own })),
  });

async function refusal(link: string): Promise<string> {
  const error = await fromLink(link).catch((thrown: unknown) => thrown);
  if (error instanceof TraceError) return `${error.code}: ${error.message}`;
  throw new Error(`not refused by name: ${JSON.stringify(error)}`);
}

/** A link of what isn't a trace. */
async function linkOf(value: unknown): Promise<string> {
  const stream = new Blob([JSON.stringify(value)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return Buffer.from(await new Response(stream).arrayBuffer()).toString("base64url");
}

describe("a trace in a link", () => {
  it("is the trace, in letters that no address changes", async () => {
    const trace = traceOfRun(
      runOf(40, (i) => ` word${i % 7} ü🦊`),
      runOf(2, () => "<b>"),
    );
    const link = (await toLink(trace)) ?? "";
    expect(link).toMatch(/^[\w-]+$/);
    expect(await fromLink(link)).toEqual(trace);
  });

  it("has whole milliseconds, and four digits of other fractions", async () => {
    const [start, step, done] = runOf(1, () => "x");
    if (step.type !== "step" || step.edits[2].op !== "insert") throw new Error("no step");
    const exact = {
      ...step,
      elapsedMs: 5.49,
      edits: [...step.edits.slice(0, 2), { ...step.edits[2], logprob: -0.123456 }],
    };
    const read = await fromLink((await toLink(traceOfRun([start, exact, done]))) ?? "");
    expect(read.panes[0].events[1]).toMatchObject({ elapsedMs: 5, edits: [{}, {}, { logprob: -0.1235 }] });
  });

  it("is none where it would be too long", async () => {
    let state = 1;
    const noise = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state.toString(36);
    };
    expect(await toLink(traceOfRun(runOf(MAX_LINK / 4, noise)))).toBeNull();
  });

  it("is refused by name where it is cut, changed, too large or something else", async () => {
    const trace = traceOfRun(runOf(9, () => "x"));
    const link = (await toLink(trace)) ?? "";
    const damaged = "trace_damaged: The link's trace is cut off or damaged.";
    for (const other of ["", "%", "abc", link.slice(0, -8), link.slice(4), `x${link}`]) {
      expect(await refusal(other), other).toBe(damaged);
    }
    expect(await refusal(await linkOf("0".repeat(3e6)))).toBe(
      "trace_too_large: The link's trace is too large to be shown.",
    );
    expect(await refusal(await linkOf([]))).toBe(damaged);
    const packed = packTrace(trace);
    expect(await refusal(await linkOf({ ...packed, version: 2 }))).toContain("made by a newer Triptych");
    const [pane] = packed.panes;
    const { events } = pane.run;
    const which = [...events.which, 1, 1];
    const longer = { ...pane, run: { ...pane.run, events: { ...events, which } } };
    expect(await refusal(await linkOf({ ...packed, panes: [longer] }))).toMatch(/^trace_invalid: .* is missing\.$/);
    const inherited = JSON.parse(JSON.stringify(packed).replaceAll('"elapsedMs"', '"__proto__"'));
    expect(await refusal(await linkOf(inherited))).toBe("trace_invalid: panes[0].events[1].elapsedMs is missing.");
  });
});
