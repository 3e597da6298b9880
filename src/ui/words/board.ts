// What boards of cells say: on the Sudoku page and in replays.
import { counted } from "../../vocabulary/counted.js";

/** A board of cells. */
export const boardWords = {
  cell: (cell: number, columns: number, what: string) =>
    `row ${Math.floor(cell / columns) + 1}, column ${(cell % columns) + 1}: ${what}`,
  open: "open",
  holds: (digit: string, isWrong: boolean, step: number | null) =>
    `${digit}${isWrong ? ", wrong" : ""}${step === null ? "" : `, step ${step}`}`,
  outcome: (wrong: number) => (wrong === 0 ? "solved" : `${counted(wrong, "cell")} wrong`),
};
