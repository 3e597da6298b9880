import { beforeEach, describe, expect, it } from "vitest";
import type { GenerationEvent, StepEvent } from "../../vocabulary/events.js";
import { FIT_MS, Playback, type PlayedPane } from "./playback.js";

class FakePane implements PlayedPane {
  readonly label = "A";
  readonly name = "a";
  readonly replay = { position: 0 };
  numShown = 0;
  events: GenerationEvent[];

  constructor(...steps: [ownMs: number, forwards: number][]) {
    const told = steps.map(([ownMs, forwards]) => ({ type: "step", ownMs, forwards }) as StepEvent);
    this.events = [{ type: "start" } as GenerationEvent, ...told];
    this.replay.position = steps.length;
  }

  showStep(step: number): void {
    this.replay.position = step;
    this.numShown++;
  }
}

describe("the playback of a race", () => {
  let fast: FakePane;
  let slow: FakePane;
  let ticks: ((nowMs: number) => void)[];
  let numCancelled: number;
  let playback: Playback;
  let numUpdates: number;
  let slides: number[];
  const host = {
    isConnected: true,
    requestUpdate: () => void numUpdates++,
    slide: (at: number) => void slides.push(at),
  };
  const tick = (nowMs: number) => ticks.shift()?.(nowMs);
  const steps = () => [fast.replay.position, slow.replay.position];

  beforeEach(() => {
    fast = new FakePane([10, 2], [20, 2]);
    slow = new FakePane([20, 1], [40, 1], [60, 1], [80, 1]);
    ticks = [];
    numCancelled = 0;
    numUpdates = 0;
    slides = [];
    playback = new Playback(host, {
      request: (next) => void ticks.push(next),
      cancel: () => {
        ticks = [];
        numCancelled++;
      },
      isCalm: false,
    });
    playback.take([fast, slow]);
  });

  it("stands at the end of a race that has ended, and shows nothing anew for it", () => {
    expect([playback.position, playback.length, playback.isRace]).toEqual([80, 80, true]);
    expect([fast.numShown, slow.numShown, playback.frame]).toEqual([0, 0, { index: 5, last: 5, at: 80 }]);
  });

  it("plays from the beginning at the device's own pace, each pane at its last step, and stands at the end", () => {
    playback.pace(1);
    playback.play();
    expect(steps()).toEqual([0, 0]);
    tick(1000);
    tick(1010);
    expect(steps()).toEqual([1, 0]);
    tick(1025);
    expect(steps()).toEqual([2, 1]);
    expect(playback.rows.map(({ isAtEnd }) => isAtEnd)).toEqual([true, false]);
    tick(1080);
    expect([steps(), playback.isPlaying, ticks.length]).toEqual([[2, 4], false, 0]);
    expect(playback.said).toEqual({ index: 5, last: 5, at: 80 });
  });

  it("moves nothing but the slider between two moments, and says nothing while it plays", () => {
    playback.pace(1);
    playback.play();
    tick(0);
    tick(10);
    const before = [numUpdates, fast.numShown, slow.numShown];
    for (const nowMs of [11, 13, 15, 19]) tick(nowMs);
    expect([numUpdates, fast.numShown, slow.numShown]).toEqual(before);
    expect(slides).toEqual([11, 13, 15, 19]);
    expect(playback.said).toBeNull();
  });

  it.each([
    ["time", 0.5, 20, 10],
    ["time", 4, 20, 80],
    ["time", "fit", FIT_MS / 4, 20],
    ["forwards", 1, 100, 1],
    ["forwards", 2, 100, 2],
    ["forwards", "fit", FIT_MS / 2, 2],
  ] as const)("by %s at speed %s goes in %i ms to %f", (clock, speed, passedMs, position) => {
    playback.choose(clock);
    playback.pace(speed);
    playback.play();
    tick(0);
    tick(passedMs);
    expect(playback.position).toBeCloseTo(position, 9);
  });

  it("steps from moment to moment, on and back, and says where it stands", () => {
    playback.step(-1);
    expect([steps(), playback.said]).toEqual([[2, 3], { index: 4, last: 5, at: 60 }]);
    playback.step(-3);
    expect([steps(), playback.position]).toEqual([[1, 0], 10]);
    playback.step(-9);
    expect([steps(), playback.frame.index]).toEqual([[0, 0], 0]);
    playback.step(1);
    playback.step(1);
    expect([steps(), playback.said]).toEqual([[2, 1], { index: 2, last: 5, at: 20 }]);
  });

  it("goes to a frame of the race, and to the nearest where there is none such", () => {
    playback.show(2);
    expect([steps(), playback.position]).toEqual([[2, 1], 20]);
    playback.show(99);
    expect([steps(), playback.frame.index]).toEqual([[2, 4], 5]);
    playback.show(-1);
    expect([steps(), playback.frame.index]).toEqual([[0, 0], 0]);
  });

  it("asks for one frame of the page at a time, and for none once it stands", () => {
    playback.play();
    playback.pause();
    expect([ticks.length, numCancelled]).toEqual([0, 1]);
    playback.play();
    expect(ticks.length).toBe(1);
    playback.take([]);
    expect([ticks.length, numCancelled]).toEqual([0, 2]);
    playback.pause();
    expect(numCancelled).toBe(2);
  });

  it("goes over to the other clock at the same share", () => {
    playback.seek(40);
    playback.choose("forwards");
    expect([playback.position, steps()]).toEqual([2, [1, 2]]);
  });

  it("begins anew at the end when it loops, once the end has stood for a while", () => {
    playback.pace(1);
    playback.loop(true);
    playback.play();
    tick(0);
    tick(90);
    expect([steps(), playback.isPlaying, playback.position]).toEqual([[2, 4], true, 80]);
    tick(890);
    expect([steps(), playback.isPlaying]).toEqual([[0, 0], true]);
  });

  it("stops where a pane writes something else, and is at the end of that", () => {
    playback.play();
    tick(0);
    fast.events = [...fast.events];
    tick(10);
    expect([playback.isPlaying, ticks.length]).toEqual([false, 0]);
    playback.take([fast, slow]);
    expect(playback.position).toBe(80);
  });
});
