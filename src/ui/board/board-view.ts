import { html, nothing, type TemplateResult } from "lit";
import type { TraceBoard } from "../trace/trace.js";
import { boardWords } from "../words/board.js";
import type { Filled } from "./cells.js";

/** A cell as it is drawn. */
export interface ShownCell {
  kind: "clue" | "open" | "own";
  isWrong: boolean;
  digit: string;
  content: TemplateResult;
  /** Where it stands and what it holds, in words. */
  words: string;
}

/** What a cell shows: its clue, or what was written there with its step. */
export function shownCell({ clues, columns, solution }: TraceBoard, filled: Filled | null, cell: number): ShownCell {
  const isClue = clues[cell] !== ".";
  const digit = isClue ? clues[cell] : (filled?.digit ?? "");
  const isWrong = solution !== undefined && digit !== "" && digit !== solution[cell];
  const step = isClue ? null : (filled?.step ?? null);
  const holds = digit === "" ? boardWords.open : boardWords.holds(digit, isWrong, step);
  return {
    ...{ kind: isClue ? "clue" : digit === "" ? "open" : "own", isWrong, digit },
    content: html`${digit}${step === null ? nothing : html`<small>${step}</small>`}`,
    words: boardWords.cell(cell, columns, holds),
  };
}

/** The board as a grid that is only looked at. */
export function renderBoard(board: TraceBoard, filled: readonly (Filled | null)[]): TemplateResult {
  const cells = filled.map((one, cell) => shownCell(board, one, cell));
  return html`<ol part="text" class="board" data-columns=${board.columns} .style=${`--columns:${board.columns}`}>${cells.map(
    ({ kind, isWrong, content, words }) =>
      html`<li class="${kind} ${isWrong ? "wrong" : ""}"><span aria-hidden="true">${content}</span><span class="unseen">${words}</span></li>`,
  )}</ol>`;
}

/** How many cells hold something else than the solution has; null where that isn't told. */
export function countWrong({ clues, solution }: TraceBoard, filled: readonly (Filled | null)[]): number | null {
  if (solution === undefined) return null;
  return [...solution].filter((digit, cell) => clues[cell] === "." && filled[cell]?.digit !== digit).length;
}
