import { describe, expect, it } from "vitest";
import type { DoneEvent, Edit, GenerationEvent, SlotState, StepEvent } from "../../vocabulary/events.js";
import recorded from "../../../public/recorded.json";
import { allHaveBegun, draftsJudged, type Events, fewerPasses, masksFilled, oneByOne } from "./found.js";
import { tourSteps } from "./steps.js";

const insert = (slot: number, state: SlotState): Edit => ({ op: "insert", slot, after: slot - 1, token: 1, state });
const write = (slot: number): Edit => ({ op: "write", slot, token: 2, state: "committed" });
const remove = (slot: number): Edit => ({ op: "delete", slot });
const masks = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => insert(from + i, "mask"));
const drafts = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => insert(from + i, "draft"));

/** A run behind a prompt of one token, whose steps are forward passes of 10 ms each. */
function runOf(...steps: Edit[][]): Events {
  const start = { type: "start", options: {}, fidelity: "exact", edits: [insert(0, "prompt")] };
  const told = steps.map((edits, i) => ({ type: "step", edits, forwards: 1, ownMs: 10 * (i + 1) }) as StepEvent);
  return [start as unknown as GenerationEvent, ...told];
}

const done = (forwards: number, ownMs: number) =>
  ({ type: "done", metrics: { forwards, ownMs } }) as unknown as DoneEvent;
const plain = runOf([insert(1, "committed")], [insert(2, "committed")], [insert(3, "committed")]);

describe("the moments of a tour", () => {
  it("begin where the last run has written its first token", () => {
    const late = runOf([], [...masks(1, 2)], [write(1)]);
    expect(allHaveBegun([plain, late])).toEqual({ pane: 1, step: 3 });
    expect(allHaveBegun([runOf([])])).toBeNull();
  });

  it("have a pass that wrote one token, behind that which read the prompt, of a run without masks and drafts", () => {
    const masked = runOf([...masks(1, 2), write(1)], [write(2)]);
    expect(oneByOne([masked, plain])).toEqual({ pane: 1, step: 2, tokens: 2, forwards: 2 });
    expect(oneByOne([masked])).toBeNull();
  });

  it("have a pass that filled several masks, better one that left a mask before them; else one that filled one", () => {
    const found = masksFilled([plain, runOf([...masks(1, 2), write(1)], [...masks(3, 5), write(2), write(3)])]);
    expect(found).toEqual({ pane: 1, step: 2, filled: 2, isOutOfOrder: false });
    const apart = runOf([...masks(1, 4), write(1), write(2)], [...masks(5, 6), write(4), write(6)]);
    expect(masksFilled([apart])).toEqual({ pane: 0, step: 2, filled: 2, isOutOfOrder: true });
    expect(masksFilled([runOf([...masks(1, 2), write(1)], [write(2)])])).toMatchObject({ step: 1, filled: 1 });
    expect(masksFilled([plain])).toBeNull();
  });

  it("have a check that rejected drafts, else one that kept all", () => {
    const all = [...drafts(1, 2), write(1), write(2)];
    const some = [...drafts(3, 5), remove(5), remove(4), write(3), insert(6, "committed")];
    expect(draftsJudged([plain, runOf(all, some)])).toEqual({ pane: 1, step: 2, kept: 1, rejected: 2 });
    expect(draftsJudged([runOf(all)])).toEqual({ pane: 0, step: 1, kept: 2, rejected: 0 });
    expect(draftsJudged([plain])).toBeNull();
  });

  it("compare the run of the fewest passes with one that writes token by token, and none where none took fewer", () => {
    const other = [...runOf([...drafts(1, 2), write(1), write(2)]), done(20, 90)];
    expect(fewerPasses([[...plain, done(48, 70)], other])).toEqual({
      plain: { pane: 0, forwards: 48, ownMs: 70 },
      fewest: { pane: 1, forwards: 20, ownMs: 90 },
    });
    expect(fewerPasses([[...plain, done(20, 70)], other])).toBeNull();
    expect(fewerPasses([other])).toBeNull();
  });
});

describe("the steps of a tour", () => {
  it("are six over the recorded race, with a moment of its own pane in each that tells of one method", () => {
    const panes = recorded.panes as unknown as { label: string; events: Events }[];
    const steps = tourSteps(panes, true);
    expect(steps.map(({ place }) => place)).toEqual(["prompts", 0, 1, 2, "clocks", "labels"]);
    const [, one, masked, drafted, clocks, texts] = steps.map(({ sentence }) => sentence);
    expect(one).toContain("it has written 2 tokens with 2 passes");
    expect(masked).toMatch(/^Diffusion .* filled 2 of them at once, and left a mask open before it\.$/);
    expect(drafted).toMatch(
      /^Speculative: a cheaper model drafted 4 tokens, .* rejected \d, struck out in the text\.$/,
    );
    expect(clocks).toMatch(/^Speculative took 26 forward passes where Autoregressive took 48, and /);
    expect(texts).toContain("Speculative: the very text that its large model writes alone");
  });

  it("say in other words what a race has no moment of, and stay six", () => {
    const steps = tourSteps([{ label: "Plain", events: plain }], false);
    expect(steps).toHaveLength(6);
    expect(steps[2]).toMatchObject({ place: 0, moment: null });
    expect(steps[2].sentence).toContain("No pane of this race fills masks.");
    expect(steps[3].sentence).toContain("No pane of this race drafts.");
    expect(steps[5].sentence).not.toContain("recording");
  });
});
