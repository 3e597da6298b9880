// The second demo page: one puzzle, solved in four orders and with each cache of the whole canvas. Uses the package as any page would.
import { html, nothing, render, type TemplateResult } from "lit";
import { type LanguageModel, type LoadOptions, load, TriptychError } from "triptych-lm";
import { counted } from "./vocabulary/counted.js";
import { Board } from "./sudoku-board.js";
import { SudokuShare } from "./sudoku-share.js";
import type { Viewers } from "./sudoku-viewers.js";
import { boardStyle } from "./ui/board/board-style.js";
import { shownCell } from "./ui/board/board-view.js";
import { sudokuWords } from "./ui/words/pages.js";
import type { TraceBoard } from "./ui/trace/trace.js";
import { boardWords } from "./ui/words/board.js";
import { CELLS, promptOf, WAYS, type Way } from "./sudoku-ways.js";

/** Puzzles that one count goes through. */
const NUM_COUNTED = 50;

/** How one way fared: its board, and what was counted. */
interface Bench {
  way: Way;
  board: Board | null;
  numSolved: number;
  forwards: number;
  rows: number;
}

const benches: Bench[] = WAYS.map((way) => ({ way, board: null, numSolved: 0, forwards: 0, rows: 0 }));

const root = document.querySelector("#sudoku") as HTMLElement;
const models = new Map<string, LanguageModel>();
let puzzles: [cells: string, solution: string][] = [];
let current = 0;
/** Puzzles counted so far; null before the first count. */
let numCounted: number | null = null;
let running: AbortController | null = null;
let failure = "";
let viewers: Viewers | null = null;
/** Whether there is something to draw: puzzles, and models for them. */
let isReady = false;
const share = new SudokuShare(draw);

/** A puzzle as a board is drawn. */
function boardOf([clues, solution]: (typeof puzzles)[number]): TraceBoard {
  return { columns: 4, clues, solution };
}

async function solve(bench: Bench, index: number, signal: AbortSignal, isShown: boolean): Promise<Board> {
  const { way } = bench;
  const puzzle = boardOf(puzzles[index]);
  const model = models.get(way.model) as LanguageModel;
  const prompt = promptOf(way, puzzle.clues);
  const board = new Board(way.name, way.name, puzzle, { ref: model.ref, prompt }, draw);
  if (isShown) bench.board = board;
  for await (const event of model.generate(prompt, { ...way.options(index), signal })) {
    board.add(event);
    if (isShown) draw();
  }
  return board;
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
    for (const bench of benches) bench.board = null;
    for (const bench of benches) if (!signal.aborted) await solve(bench, current, signal, true);
  });
};

const count = () =>
  run(async (signal) => {
    numCounted = 0;
    for (const bench of benches) Object.assign(bench, { numSolved: 0, forwards: 0, rows: 0 });
    for (let index = 0; index < NUM_COUNTED && !signal.aborted; index++) {
      const boards: Board[] = [];
      for (const bench of benches) boards.push(await solve(bench, index, signal, false));
      if (signal.aborted) return;
      benches.forEach((bench, i) => {
        const board = boards[i];
        bench.numSolved += Number(board.numWrong === 0);
        bench.forwards += board.metrics?.forwards ?? 0;
        bench.rows += board.metrics?.rows ?? 0;
      });
      numCounted++;
      draw();
    }
  });

function renderCell(board: Board | null, cell: number): TemplateResult {
  const { kind, isWrong, content, words } = shownCell(boardOf(puzzles[current]), board?.filled[cell] ?? null, cell);
  return html`<li class="${kind} ${isWrong ? "wrong" : ""}">${
    board
      ? html`<button type="button" tabindex=${cell === 0 ? 0 : -1} aria-label=${words} aria-haspopup="dialog"
          @focus=${(event: Event) => viewers?.show(board, cell, event.currentTarget as HTMLElement, false)}
          @blur=${() => viewers?.leave()}
          @click=${(event: Event) => viewers?.show(board, cell, event.currentTarget as HTMLElement, true)}
          @keydown=${(event: KeyboardEvent) => press(event, cell)}>${content}</button>`
      : content
  }</li>`;
}

/** Arrows go from cell to cell of a board, and Escape closes the card. */
function press(event: KeyboardEvent, cell: number): void {
  if (event.key === "Escape") viewers?.close();
  const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 4, ArrowUp: -4 }[event.key];
  if (by === undefined) return;
  event.preventDefault();
  const cells = (event.currentTarget as Element).closest("ol")?.querySelectorAll("button");
  cells?.[cell + by]?.focus();
}

function verdict({ board }: Bench): string {
  if (!board?.metrics) return "";
  const { position } = board.replay;
  if (position < board.numSteps) return sudokuWords.step(position, board.numSteps);
  const { forwards, rows } = board.metrics;
  return `${boardWords.outcome(board.numWrong)}, ${counted(forwards, "forward")}, ${counted(rows, "row")}`;
}

function tally({ numSolved, forwards, rows }: Bench): string {
  if (!numCounted) return "";
  const each = (sum: number, one: string) => counted(sum, one, `${one}s`, (sum / (numCounted ?? 1)).toFixed(1));
  return `solved ${numSolved} of ${counted(numCounted, "puzzle")}; ${each(forwards, "forward")} and ${each(rows, "row")} each`;
}

function renderBench(bench: Bench): TemplateResult {
  const { way, board } = bench;
  return html`<section class=${way.model} aria-label=${way.name}>
    <h3>${way.name}</h3>
    <p class="note">${way.note}</p>
    <ol class="board" data-columns="4" .style=${"--columns:4"}>${Array.from({ length: CELLS }, (_, cell) => renderCell(board, cell))}</ol>
    <p class="result">${verdict(bench)}</p>
    <p class="result">${tally(bench)}</p>
  </section>`;
}

const devices = () => [...models.values()].map(({ device }) => device);

/** On which devices the models run, and why. */
function renderDevices(): TemplateResult[] {
  const words = devices().map(({ name, description, why }) => `Runs on ${name}: ${description}. ${why}`);
  return [...new Set(words)].map((line) => html`<p class="note">${line}</p>`);
}

function draw(): void {
  if (!isReady) return;
  const boards = benches.flatMap(({ board }) => (board?.metrics ? [board] : []));
  const groups = [...new Set(WAYS.map(({ group }) => group))];
  render(
    html`<div class="desk">
        <button ?disabled=${running !== null} @click=${() => showPuzzle(current)}>Solve again</button>
        <button ?disabled=${running !== null} @click=${() => showPuzzle(current + 1)}>Next puzzle</button>
        <button ?disabled=${running !== null} @click=${count}>Count on ${NUM_COUNTED} puzzles</button>
        <button ?disabled=${running === null} @click=${() => running?.abort()}>Stop</button>
        <span role="status">puzzle ${current + 1} of ${puzzles.length}${
          numCounted === null ? nothing : html`, counted ${numCounted} of ${NUM_COUNTED}`
        }</span>
      </div>
      ${renderDevices()}
      ${failure ? html`<p class="failure" role="alert">${failure} Reload the page to begin anew.</p>` : nothing}
      ${renderTimeline(boards)}
      ${groups.map(
        (group) => html`<h2 class="boards-head">${group}</h2>
          <div class="boards">${benches.filter(({ way }) => way.group === group).map(renderBench)}</div>`,
      )}
      ${share.render({ boards: running === null ? boards : [], devices: devices(), puzzle: current + 1 })}`,
    root,
  );
  viewers?.refresh();
}

/** What looks at the boards again, once all are done: loaded with the first of them. */
function renderTimeline(boards: readonly Board[]): TemplateResult | typeof nothing {
  if (running !== null || boards.length < benches.length) return html`<div class="boards-timeline"></div>`;
  if (!viewers) {
    void import("./sudoku-viewers.js").then(({ Viewers }) => {
      viewers ??= new Viewers(draw, () => running !== null);
      draw();
    });
    return html`<div class="boards-timeline"></div>`;
  }
  return html`<div class="boards-timeline">${viewers.renderTimeline(boards)}<p class="note">${sudokuWords.how}</p></div>`;
}

/** Loads both models and solves the first puzzle. */
async function begin(): Promise<void> {
  const base = new URL("./models/", location.href);
  // As the first page's address: load() refuses what is none.
  const device = (new URLSearchParams(location.search).get("device") ?? undefined) as LoadOptions["device"];
  try {
    const answer = await fetch(new URL("sudoku-diffusion/puzzles.json", base));
    if (!answer.ok) throw new Error(`puzzles.json: the server answered ${answer.status}.`);
    puzzles = (await answer.json()) as typeof puzzles;
    for (const { model } of WAYS) {
      if (!models.has(model)) models.set(model, await load(new URL(model, base), { device }));
    }
  } catch (error) {
    root.textContent = `${error instanceof Error ? error.message : String(error)} Reload the page to try again.`;
    root.setAttribute("role", "alert");
    return;
  }
  root.replaceChildren();
  isReady = true;
  await showPuzzle(0);
}

if (boardStyle.styleSheet) document.adoptedStyleSheets.push(boardStyle.styleSheet);
void begin();
