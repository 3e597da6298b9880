import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readTrace } from "../trace/read-trace.js";
import { countWrong, shownCell } from "./board-view.js";
import { cellsAfter } from "./cells.js";

const { panes, board } = readTrace(readFileSync("public/traces/sudoku.json"));
if (!board) throw new Error("The recorded trace has no board.");
const NUM_CELLS = board.clues.length;
const steps = (pane: number) => panes[pane].events.filter(({ type }) => type === "step").length;
const boardAfter = (pane: number, step: number) => cellsAfter(panes[pane].events, step, NUM_CELLS);
/** The text that a run returned. */
const returned = (pane: number) => {
  const done = panes[pane].events.at(-1);
  return done?.type === "done" ? done.text : "";
};

describe("the cells of a recorded board", () => {
  it("hold at the end the text that the autoregressive run returned, one step a cell from the first on", () => {
    const { filled } = boardAfter(0, steps(0));
    expect(filled.map((one) => one?.digit).join("")).toBe(returned(0));
    expect(filled.map((one) => one?.step)).toEqual(Array.from({ length: NUM_CELLS }, (_, cell) => cell + 1));
  });

  it("are open where a mask stands, and no clue is ever filled", () => {
    for (const pane of [1, 2, 3]) {
      expect(boardAfter(pane, 0).filled.every((one) => one === null)).toBe(true);
      const { filled } = boardAfter(pane, steps(pane));
      expect(filled.map((one) => (one === null ? "clue" : "own"))).toEqual(
        [...board.clues].map((clue) => (clue === "." ? "own" : "clue")),
      );
    }
    expect(boardAfter(1, 4).filled.filter((one) => one !== null)).toHaveLength(4);
  });

  it("say in words where they are and what they hold, and count as wrong what differs from the solution", () => {
    const open = board.clues.indexOf(".");
    const right = { digit: board.solution?.[open] ?? "", step: 3 };
    const wrong = { digit: "9", step: 3 };
    const place = `row ${Math.floor(open / 4) + 1}, column ${(open % 4) + 1}: `;
    expect(shownCell(board, right, open)).toMatchObject({
      kind: "own",
      isWrong: false,
      words: `${place}${right.digit}, step 3`,
    });
    expect(shownCell(board, wrong, open)).toMatchObject({ isWrong: true, words: `${place}9, wrong, step 3` });
    expect(shownCell(board, null, open)).toMatchObject({ kind: "open", isWrong: false, words: `${place}open` });
    expect(shownCell(board, null, 0)).toMatchObject({ kind: "clue", words: `row 1, column 1: ${board.clues[0]}` });
    expect(countWrong(board, boardAfter(2, steps(2)).filled)).toBe(0);
    expect(countWrong(board, [null])).toBe(10);
    expect(countWrong({ ...board, solution: undefined }, [])).toBeNull();
  });
});
