// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Canvas } from "../vocabulary/canvas.js";
import type { DoneEvent, Edit, Piece, SlotId, SlotState, StartEvent, StepEvent } from "../vocabulary/events.js";
import { CanvasView } from "./canvas-view.js";
import { RunView, type Seen } from "./run-view.js";

let view: CanvasView;
let run: RunView;
beforeEach(() => {
  vi.useFakeTimers();
  view = new CanvasView();
  run = new RunView();
  run.subscribe((seen) => view.apply(seen));
});
afterEach(() => vi.useRealTimers());

const draw = (edits: Edit[], pieces: Piece[] = []) =>
  run.add({ type: "step", edits, pieces } as unknown as StepEvent | StartEvent);
const insert = (slot: SlotId, after: SlotId | null, state: SlotState, logprob?: number): Edit => ({
  op: "insert",
  slot,
  after,
  token: state === "mask" ? null : slot + 100,
  state,
  ...(logprob === undefined ? {} : { logprob }),
});
const write = (slot: SlotId, state: SlotState, token: number | null = slot + 200): Edit => ({
  op: "write",
  slot,
  token,
  state,
});
const remove = (slot: SlotId): Edit => ({ op: "delete", slot });
const finish = (text: string) => view.finish({ text } as DoneEvent);
/** Class and text of every element, in order. */
const shown = () => Array.from(view.root.children, (child) => [child.className, (child as HTMLElement).dataset.text]);

/** The same for the same seed. */
function dice(seed: number) {
  let state = seed * 7919 + 1;
  return (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % below;
  };
}

describe("a canvas as elements", () => {
  it.each(Array.from({ length: 20 }, (_, seed) => seed))(
    "has them in the canvas's order, with its states and texts, after any edits (%i)",
    (seed) => {
      const random = dice(seed);
      const canvas = new Canvas();
      const texts = new Map<SlotId, string>();
      const apply = (edits: Edit[], pieces: Piece[]) => {
        for (const edit of edits) canvas.apply(edit);
        for (const { slot, text } of pieces) texts.set(slot, text);
        draw(edits, pieces);
      };
      apply([insert(0, null, "prompt"), insert(1, 0, "prompt")], []);
      for (let step = 0, next = 2; step < 40; step++) {
        const edits: Edit[] = [];
        const pieces: Piece[] = [];
        // No two of a step's edits are of one slot.
        const open = canvas.slots().filter(({ state }) => state === "mask" || state === "tentative");
        for (let count = 1 + random(3); count > 0; count--) {
          const behind = canvas.slots()[1 + random(canvas.length - 1)].id;
          const state = (["mask", "committed", "tentative"] as const)[random(3)];
          const old = random(2) === 0 ? open.splice(random(open.length || 1), 1)[0] : undefined;
          const slot = old?.id ?? next++;
          edits.push(old ? write(slot, state, state === "mask" ? null : slot) : insert(slot, behind, state));
          if (state !== "mask") pieces.push({ slot, text: ` ${slot}.${step}` });
        }
        apply(edits, pieces);
        if (open.length > 0 && random(3) === 0) apply([remove(open[0].id)], []);
        const own = canvas.slots().slice(2);
        expect(shown().map(([state]) => state)).toEqual(own.map(({ state }) => state));
        const settled = own.filter(({ state }) => state === "committed");
        expect(view.root.textContent).toBe(settled.map(({ id }) => texts.get(id)).join(""));
      }
      expect(view.root.childElementCount).toBeGreaterThan(20);
    },
  );

  it("leaves out the prompt's beginning, which is shown as one text, and shows what of it is behind a hole", () => {
    draw(
      [insert(0, null, "prompt"), insert(1, 0, "prompt"), insert(2, 1, "mask"), insert(3, 2, "prompt")],
      [{ slot: 3, text: " end" }],
    );
    expect(shown()).toEqual([
      ["mask", undefined],
      ["prompt", " end"],
    ]);
    expect(view.root.textContent).toBe(" end");
  });

  it("shows the text that a slot had when it settles without a new piece, and none while it is a draft", () => {
    draw([insert(0, null, "prompt"), insert(1, 0, "draft")], [{ slot: 1, text: " fox" }]);
    expect([shown(), view.root.textContent]).toEqual([[["draft", " fox"]], ""]);
    draw([write(1, "committed")]);
    expect([shown(), view.root.textContent]).toEqual([[["committed", " fox"]], " fox"]);
  });

  it("marks what fills a mask, which is shaded by how sure the model was, and nothing else", () => {
    draw([insert(0, null, "prompt"), insert(1, 0, "committed", -1), insert(2, 1, "mask")], []);
    draw([write(2, "committed")], [{ slot: 2, text: "b" }]);
    const [beside, filled] = view.root.children as unknown as HTMLElement[];
    expect([beside.dataset.masked, filled.dataset.masked]).toEqual([undefined, ""]);
  });

  it("says of an element what moved it, its token and probability, and for good that it was another one", () => {
    draw([insert(0, null, "prompt"), insert(1, 0, "tentative", Math.log(0.25))], [{ slot: 1, text: "a" }]);
    const [element] = view.root.children as unknown as HTMLElement[];
    expect([view.slotOf(element), element.style.getPropertyValue("--p")]).toEqual([1, "0.25"]);
    expect([element.dataset.move, element.dataset.revised]).toEqual(["append", undefined]);
    draw([write(1, "tentative")], [{ slot: 1, text: "b" }]);
    expect([element.dataset.move, element.dataset.revised]).toEqual(["revise", ""]);
    draw([write(1, "mask", null)]);
    expect([element.dataset.move, element.textContent]).toEqual(["remask", ""]);
    draw([write(1, "committed")], [{ slot: 1, text: "c" }]);
    expect([element.dataset.move, element.dataset.revised]).toEqual(["unmask", ""]);
  });

  it("marks what the event that is shown has committed, until the next one, and nothing at the end of a run", () => {
    const fresh = () => Array.from(view.root.children, (child) => "fresh" in (child as HTMLElement).dataset);
    draw([insert(0, null, "prompt"), insert(1, 0, "committed"), insert(2, 1, "mask")]);
    expect(fresh()).toEqual([true, false]);
    draw([write(2, "committed")], [{ slot: 2, text: "b" }]);
    expect(fresh()).toEqual([false, true]);
    finish("b");
    expect(fresh()).toEqual([false, false]);
  });

  it("marks the token behind a round's drafts", () => {
    draw([insert(0, null, "prompt"), insert(1, 0, "committed"), insert(2, 1, "committed")]);
    const round = { own: { slot: 2, kind: "bonus" } };
    view.apply({ event: { type: "step", edits: [], pieces: [] }, changes: [], round } as unknown as Seen);
    expect(Array.from(view.root.children, (child) => (child as HTMLElement).dataset.own)).toEqual([undefined, "bonus"]);
  });
});

describe("rejected drafts", () => {
  /** A round: drafts behind slot `after`, all rejected, and a token of the model's own instead. */
  const round = (after: SlotId, drafts: SlotId[], own: SlotId, rejected = drafts) => {
    draw(
      drafts.map((slot, i) => insert(slot, i === 0 ? after : drafts[i - 1], "draft")),
      drafts.map((slot) => ({ slot, text: `<${slot}>` })),
    );
    draw([...rejected.map(remove), insert(own, after, "committed")], [{ slot: own, text: `${own}` }]);
  };

  it("stay as one ghost before the token that replaces them, then go", async () => {
    draw([insert(0, null, "prompt"), insert(1, 0, "committed")], [{ slot: 1, text: "1" }]);
    round(1, [2, 3], 4);
    expect(shown()).toEqual([
      ["committed", "1"],
      ["ghost", "<2><3>"],
      ["committed", "4"],
    ]);
    expect(view.root.textContent).toBe("14");
    await vi.advanceTimersByTimeAsync(5000);
    expect(shown()).toEqual([
      ["committed", "1"],
      ["committed", "4"],
    ]);
  });

  it("are one ghost in the order of the text, whichever goes first", () => {
    draw([insert(0, null, "prompt"), insert(1, 0, "committed")], [{ slot: 1, text: "1" }]);
    round(1, [2, 3, 4], 5, [4, 3, 2]);
    expect(shown()[1]).toEqual(["ghost", "<2><3><4>"]);
    expect(shown()).toHaveLength(3);
  });

  it("stay as long as a held picture stands, and go with the next step or when it is held no more", async () => {
    draw([insert(0, null, "prompt"), insert(1, 0, "committed")], [{ slot: 1, text: "1" }]);
    view.hold(true);
    round(1, [2], 3);
    await vi.advanceTimersByTimeAsync(5000);
    expect(shown()[1]).toEqual(["ghost", "<2>"]);
    round(3, [4], 5);
    expect(shown().filter(([state]) => state === "ghost")).toEqual([["ghost", "<4>"]]);
    view.hold(false);
    expect(shown().map(([state]) => state)).toEqual(["committed", "committed", "committed"]);
  });

  it("of two rounds are two ghosts, of three the last two", async () => {
    draw([insert(0, null, "prompt"), insert(1, 0, "committed")], [{ slot: 1, text: "1" }]);
    for (const [after, draft, own] of [
      [1, 2, 3],
      [3, 4, 5],
      [5, 6, 7],
    ]) {
      round(after, [draft], own);
      await Promise.resolve();
    }
    expect(shown().filter(([state]) => state === "ghost")).toEqual([
      ["ghost", "<4>"],
      ["ghost", "<6>"],
    ]);
    expect(view.root.textContent).toBe("1357");
  });
});

describe("the end of a run", () => {
  it("takes away what isn't text, and leaves the elements of what is", () => {
    draw(
      [insert(0, null, "prompt"), insert(1, 0, "committed"), insert(2, 1, "mask"), insert(3, 2, "tentative")],
      [
        { slot: 1, text: "one" },
        { slot: 3, text: "three" },
      ],
    );
    const [first] = view.root.children;
    finish("one");
    expect(Array.from(view.root.childNodes)).toEqual([first]);
  });

  it("shows what was returned, even if the pieces said otherwise", () => {
    draw([insert(0, null, "prompt"), insert(1, 0, "committed")], [{ slot: 1, text: "one" }]);
    finish("on");
    expect(view.root.textContent).toBe("on");
  });

  it("is followed by an empty view for the next run, of the same slots", () => {
    draw([insert(0, null, "prompt"), insert(1, 0, "committed")], [{ slot: 1, text: "one" }]);
    view.clear();
    expect(view.root.childNodes).toHaveLength(0);
    draw([insert(0, null, "prompt"), insert(1, 0, "committed")], [{ slot: 1, text: "two" }]);
    expect(view.root.textContent).toBe("two");
  });
});
