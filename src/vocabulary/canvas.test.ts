import { describe, expect, it } from "vitest";
import { Canvas } from "./canvas.js";
import type { Edit } from "./events.js";

function canvasOf(...states: ("prompt" | "mask" | "draft" | "committed")[]): Canvas {
  const canvas = new Canvas();
  states.forEach((state, index) => {
    const after = index === 0 ? null : index - 1;
    canvas.apply({ op: "insert", slot: canvas.newSlot(), after, token: state === "mask" ? null : 10 + index, state });
  });
  return canvas;
}

const seen = (canvas: Canvas) =>
  canvas.slots().map(({ id, token, state, logprob, parent }) => [id, token, state, logprob, parent]);

describe("Canvas", () => {
  it("places a slot after its neighbour, and first without one", () => {
    const canvas = canvasOf("prompt", "committed");
    canvas.apply({ op: "insert", slot: 7, after: 0, token: 5, state: "committed" });
    canvas.apply({ op: "insert", slot: 8, after: null, token: 6, state: "committed" });
    expect(canvas.slots().map(({ id }) => id)).toEqual([8, 0, 7, 1]);
    expect([8, 0, 7, 1].map((id) => canvas.position(id))).toEqual([0, 1, 2, 3]);
    expect(canvas.newSlot()).toBe(9);
  });

  it("gives back an inverse for each edit that restores every field", () => {
    const canvas = canvasOf("prompt", "committed", "mask", "draft", "committed");
    const edits: Edit[] = [
      { op: "write", slot: 2, token: 3, state: "committed", logprob: -1 },
      { op: "write", slot: 2, token: 4, state: "committed", logprob: -2 },
      { op: "delete", slot: 3 },
      { op: "insert", slot: 9, after: 1, token: 8, state: "draft", parent: 4, logprob: -3 },
      { op: "delete", slot: 9 },
      { op: "write", slot: 4, token: null, state: "mask" },
      { op: "delete", slot: 1 },
    ];
    const snapshots = [seen(canvas)];
    const inverses = edits.map((edit) => {
      const inverse = canvas.apply(edit);
      snapshots.push(seen(canvas));
      return inverse;
    });
    for (let i = edits.length - 1; i >= 0; i--) {
      expect(seen(canvas)).toEqual(snapshots[i + 1]);
      canvas.apply(inverses[i]);
    }
    expect(seen(canvas)).toEqual(snapshots[0]);
  });

  it("refuses edits of prompt slots, of dead slots and of ids in use, and stays as it was", () => {
    const canvas = canvasOf("prompt", "committed");
    const before = seen(canvas);
    const refused: Edit[] = [
      { op: "delete", slot: 0 },
      { op: "write", slot: 0, token: 1, state: "committed" },
      { op: "write", slot: 1, token: 1, state: "prompt" },
      { op: "write", slot: 1, token: 1, state: "mask" },
      { op: "write", slot: 1, token: null, state: "committed" },
      { op: "delete", slot: 5 },
      { op: "insert", slot: 1, after: 0, token: 1, state: "committed" },
      { op: "insert", slot: 6, after: 5, token: 1, state: "committed" },
    ];
    for (const edit of refused) expect(() => canvas.apply(edit), JSON.stringify(edit)).toThrow();
    expect(seen(canvas)).toEqual(before);
  });

  it("ends the committed run at the first mask or draft", () => {
    expect(canvasOf("prompt", "committed", "mask", "committed").committedIds()).toEqual([10, 11]);
    expect(canvasOf("prompt", "draft").committedEnd()).toBe(1);
    expect(canvasOf("prompt", "committed").committedEnd()).toBe(2);
  });

  it("shows masks as the mask id, and refuses to guess one", () => {
    const canvas = canvasOf("prompt", "mask");
    expect(canvas.ids(99)).toEqual([10, 99]);
    expect(() => canvas.ids()).toThrow(/mask/);
  });

  it("agrees with a plain array over 2,000 random edits", () => {
    const canvas = new Canvas();
    const ids: number[] = [];
    let state = 1;
    const random = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % below;
    };
    for (let i = 0; i < 2000; i++) {
      if (ids.length > 0 && random(3) === 0) {
        const [slot] = ids.splice(random(ids.length), 1);
        canvas.apply({ op: "delete", slot });
      } else {
        const at = random(ids.length + 1);
        const slot = canvas.newSlot();
        canvas.apply({ op: "insert", slot, after: at === 0 ? null : ids[at - 1], token: i, state: "committed" });
        ids.splice(at, 0, slot);
      }
      if (ids.length > 0) {
        const at = random(ids.length);
        expect(canvas.position(ids[at])).toBe(at);
      }
    }
    expect(canvas.slots().map(({ id }) => id)).toEqual(ids);
  });
});
