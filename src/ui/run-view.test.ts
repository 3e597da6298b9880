import { expect, it } from "vitest";
import type { GenerationEvent } from "../vocabulary/events.js";
import { RunView, type Seen } from "./run-view.js";

const step = (...edits: unknown[]) => ({ type: "step", edits, pieces: [] }) as unknown as GenerationEvent;
const insert = (slot: number, state: string) => ({ op: "insert", slot, after: null, token: 1, state });
const write = (slot: number, state: string) => ({ op: "write", slot, token: 1, state });

it("tells everyone who listens what each edit did to its slot, until they listen no more", () => {
  const run = new RunView();
  const heard: Seen[] = [];
  const alsoHeard: Seen[] = [];
  const stop = run.subscribe((seen) => heard.push(seen));
  run.subscribe((seen) => alsoHeard.push(seen));
  const first = run.add(step(insert(1, "mask"), insert(2, "draft"), write(2, "committed")));
  expect(first.map(({ move }) => move)).toEqual(["open", "draft", "accept"]);
  stop();
  const second = run.add(step(write(1, "committed"), { op: "delete", slot: 2 }));
  expect(second.map(({ move }) => move)).toEqual(["unmask", "backspace"]);
  expect(heard.map(({ changes }) => changes)).toEqual([first]);
  expect(alsoHeard.map(({ changes }) => changes)).toEqual([first, second]);
});

it("a round is what a step drafted, and events without edits change nothing", () => {
  const run = new RunView();
  const heard: Seen[] = [];
  run.subscribe((seen) => heard.push(seen));
  run.add(step(insert(1, "draft"), write(1, "committed"), insert(2, "committed")));
  run.add({ type: "done" } as unknown as GenerationEvent);
  expect(heard.map(({ round }) => round?.numAccepted ?? null)).toEqual([1, null]);
  expect(heard[1].changes).toEqual([]);
});
