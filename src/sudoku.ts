// The second demo page: one puzzle, solved in four orders. Uses the package as any page would.
import { html, nothing, render, type TemplateResult } from "lit";
import { type LanguageModel, load, type RunEvent, TriptychError } from "triptych-lm";

const CELLS = 16;
/** Puzzles that one count goes through. */
const NUM_COUNTED = 50;

/** One way to solve a puzzle, and how it went. */
interface Way {
  name: string;
  note: string;
  model: "sudoku-ar" | "sudoku-diffusion";
  options: (index: number) => Record<string, unknown>;
  board: Board | null;
  numSolved: number;
}

interface Board {
  cells: string;
  /** By cell: digit and step, null while open. */
  filled: ({ digit: string; step: number } | null)[];
  forwards: number | null;
}

const fill = { decoder: "block-diffusion", infill: true };
const ways: Way[] = [
  {
    name: "Autoregressive",
    note: "left to right, 16 forwards",
    model: "sudoku-ar",
    options: () => ({ max_new_tokens: CELLS }),
  },
  {
    name: "Diffusion, random order",
    note: "one cell a step",
    model: "sudoku-diffusion",
    options: (seed: number) => ({ ...fill, commit_rule: "first_hitting", seed }),
  },
  {
    name: "Diffusion, the surest cell first",
    note: "one cell a step",
    model: "sudoku-diffusion",
    options: () => ({ ...fill, commit_rule: "quota" }),
  },
  {
    name: "Diffusion, all sure cells",
    note: "threshold 0.9",
    model: "sudoku-diffusion",
    options: () => ({ ...fill, commit_rule: "threshold", threshold: 0.9 }),
  },
].map((way) => ({ ...way, board: null, numSolved: 0 }) as Way);

const root = document.querySelector("#sudoku") as HTMLElement;
const models = new Map<string, LanguageModel>();
let puzzles: [cells: string, solution: string][] = [];
let current = 0;
/** Puzzles counted so far; null before the first count. */
let counted: number | null = null;
let running: AbortController | null = null;
let failure = "";

/** Puts what an event wrote onto the board. */
function follow(board: Board, slots: number[], event: RunEvent, step: number): void {
  if (event.type === "done") {
    board.forwards = event.metrics.forwards;
    return;
  }
  const texts = new Map(event.pieces.map(({ slot, text }) => [slot, text]));
  for (const edit of event.edits) {
    if (edit.op === "insert") slots.push(edit.slot);
    if (edit.op === "delete" || edit.state !== "committed") continue;
    // The autoregressive prompt is the whole puzzle: its cells come behind that.
    const cell = slots.indexOf(edit.slot) - (slots.length > CELLS ? CELLS + 2 : 0);
    board.filled[cell] = { digit: texts.get(edit.slot) ?? "", step };
  }
}

async function solve(way: Way, index: number, signal: AbortSignal, isShown: boolean): Promise<boolean> {
  const [cells, solution] = puzzles[index];
  const board: Board = { cells, filled: new Array(CELLS).fill(null), forwards: null };
  if (isShown) way.board = board;
  const prompt = way.model === "sudoku-ar" ? `${cells}=` : cells.replaceAll(".", "<mask>");
  const slots: number[] = [];
  let step = 0;
  const model = models.get(way.model) as LanguageModel;
  for await (const event of model.generate(prompt, { ...way.options(index), signal })) {
    if (event.type === "step") step++;
    follow(board, slots, event, step);
    if (isShown) draw();
  }
  return numWrong(board, solution) === 0;
}

function numWrong(board: Board, solution: string): number {
  return [...solution].filter((digit, cell) => digitAt(board, cell) !== digit).length;
}

/** What stands in a cell: what was written, else the clue. */
function digitAt(board: Board, cell: number): string {
  return board.filled[cell]?.digit ?? (board.cells[cell] === "." ? "" : board.cells[cell]);
}

async function run(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  running = new AbortController();
  failure = "";
  draw();
  try {
    await work(running.signal);
  } catch (error) {
    failure = error instanceof TriptychError ? error.message : String(error);
  }
  running = null;
  draw();
}

const showPuzzle = (index: number) => {
  current = index % puzzles.length;
  return run(async (signal) => {
    for (const way of ways) way.board = null;
    for (const way of ways) if (!signal.aborted) await solve(way, current, signal, true);
  });
};

const count = () =>
  run(async (signal) => {
    counted = 0;
    for (const way of ways) way.numSolved = 0;
    for (let index = 0; index < NUM_COUNTED && !signal.aborted; index++) {
      const solved: boolean[] = [];
      for (const way of ways) solved.push(await solve(way, index, signal, false));
      if (signal.aborted) return;
      ways.forEach((way, i) => {
        way.numSolved += Number(solved[i]);
      });
      counted++;
      draw();
    }
  });

function renderCell(board: Board | null, cell: number): TemplateResult {
  const [cells, solution] = puzzles[current];
  const written = board?.filled[cell] ?? null;
  const digit = board ? digitAt(board, cell) : cells[cell] === "." ? "" : cells[cell];
  const isWrong = digit !== "" && digit !== solution[cell];
  const kind = cells[cell] !== "." ? "clue" : digit === "" ? "open" : "own";
  const words = digit === "" ? "open" : `${digit}${isWrong ? ", wrong" : ""}${written ? `, step ${written.step}` : ""}`;
  return html`<li class="${kind} ${isWrong ? "wrong" : ""}" aria-label=${words}>
    ${digit}${written && kind === "own" ? html`<small>${written.step}</small>` : nothing}
  </li>`;
}

function verdict({ board }: Way): string {
  if (board?.forwards === undefined || board.forwards === null) return "";
  const [, solution] = puzzles[current];
  const wrong = numWrong(board, solution);
  const result = wrong === 0 ? "solved" : `${wrong} ${wrong === 1 ? "cell" : "cells"} wrong`;
  return `${result}, ${board.forwards} ${board.forwards === 1 ? "forward" : "forwards"}`;
}

function draw(): void {
  render(
    html`<div class="desk">
        <button ?disabled=${running !== null} @click=${() => showPuzzle(current)}>Solve again</button>
        <button ?disabled=${running !== null} @click=${() => showPuzzle(current + 1)}>Next puzzle</button>
        <button ?disabled=${running !== null} @click=${count}>Count on ${NUM_COUNTED} puzzles</button>
        <button ?disabled=${running === null} @click=${() => running?.abort()}>Stop</button>
        <span role="status">puzzle ${current + 1} of ${puzzles.length}${
          counted === null ? nothing : html`, counted ${counted} of ${NUM_COUNTED}`
        }</span>
      </div>
      ${failure ? html`<p class="failure" role="alert">${failure} Reload the page to begin anew.</p>` : nothing}
      <div class="boards">
        ${ways.map(
          (way) => html`<section class=${way.model} aria-label=${way.name}>
            <h2>${way.name}</h2>
            <p>${way.note}</p>
            <ol>${Array.from({ length: CELLS }, (_, cell) => renderCell(way.board, cell))}</ol>
            <p class="result">${verdict(way)}</p>
            <p class="result">${counted ? `solved ${way.numSolved} of ${counted} puzzles` : ""}</p>
          </section>`,
        )}
      </div>`,
    root,
  );
}

/** Loads both models and solves the first puzzle. */
async function begin(): Promise<void> {
  const base = new URL("./models/", location.href);
  try {
    const answer = await fetch(new URL("sudoku-diffusion/puzzles.json", base));
    if (!answer.ok) throw new Error(`puzzles.json: the server answered ${answer.status}.`);
    puzzles = (await answer.json()) as typeof puzzles;
    for (const { model } of ways) {
      if (!models.has(model)) models.set(model, await load(new URL(model, base)));
    }
  } catch (error) {
    root.textContent = `${error instanceof Error ? error.message : String(error)} Reload the page to try again.`;
    root.setAttribute("role", "alert");
    return;
  }
  root.replaceChildren();
  await showPuzzle(0);
}

void begin();
