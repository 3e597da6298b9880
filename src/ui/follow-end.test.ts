import { afterEach, expect, test, vi } from "vitest";
import { beginAnew, followEnd, type Paper } from "./follow-end.js";

afterEach(() => vi.unstubAllGlobals());

/** Frames by hand. */
function stubFrames(): { run(): number } {
  let asked: (() => void)[] = [];
  vi.stubGlobal("requestAnimationFrame", (call: () => void) => asked.push(call));
  return {
    run() {
      const calls = asked;
      asked = [];
      for (const call of calls) call();
      return calls.length;
    },
  };
}

/** A box of 100 px that writes down what is asked of it. */
function paperOf(log: string[], height = 100): Paper & { height: number } {
  let top = 0;
  return {
    height,
    clientHeight: 100,
    get scrollHeight() {
      log.push("read");
      return this.height;
    },
    get scrollTop() {
      return top;
    },
    set scrollTop(to) {
      log.push("write");
      top = to;
    },
  };
}

test("texts that grow in one frame are read together before any is scrolled, once a frame", () => {
  const frames = stubFrames();
  const log: string[] = [];
  const papers = [150, 150, 150].map((height) => paperOf(log, height));
  for (let i = 0; i < 5; i++) for (const paper of papers) followEnd(paper);
  expect(log).toEqual([]);
  expect(frames.run()).toBe(1);
  expect(log).toEqual(["read", "read", "read", "write", "write", "write"]);
  expect(papers.map(({ scrollTop }) => scrollTop)).toEqual([50, 50, 50]);
  expect(frames.run()).toBe(0);
});

test("a text whose reader has scrolled away stays, until the next begins", () => {
  const frames = stubFrames();
  const paper = paperOf([], 400);
  const grow = (height: number) => {
    paper.height = height;
    followEnd(paper);
    frames.run();
    return paper.scrollTop;
  };
  expect(grow(400)).toBe(300);
  paper.scrollTop = 200;
  expect(grow(430)).toBe(200);
  paper.scrollTop = 320;
  expect(grow(450)).toBe(350);
  paper.scrollTop = 0;
  expect(grow(500)).toBe(0);
  beginAnew(paper);
  expect(grow(200)).toBe(100);
});
