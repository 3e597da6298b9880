// The second demo page: one puzzle, solved in four orders and with each cache of the whole canvas. Uses the package as any page would.
import { html, nothing, render, type TemplateResult } from "lit";
import { type LanguageModel, type LoadOptions, load, type Metrics, type RunEvent, TriptychError } from "triptych-lm";
import { counted } from "./vocabulary/counted.js";
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

interface Board {
  cells: string;
  /** By cell: digit and step, null while open. */
  filled: ({ digit: string; step: number } | null)[];
  /** Null until it is done. */
  metrics: Metrics | null;
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

/** Puts what an event wrote onto the board. */
function follow(board: Board, slots: number[], event: RunEvent, step: number): void {
  if (event.type === "done") {
    board.metrics = event.metrics;
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

async function solve(bench: Bench, index: number, signal: AbortSignal, isShown: boolean): Promise<Board> {
  const { way } = bench;
  const [cells] = puzzles[index];
  const board: Board = { cells, filled: new Array(CELLS).fill(null), metrics: null };
  if (isShown) bench.board = board;
  const slots: number[] = [];
  let step = 0;
  const model = models.get(way.model) as LanguageModel;
  for await (const event of model.generate(promptOf(way, cells), { ...way.options(index), signal })) {
    if (event.type === "step") step++;
    follow(board, slots, event, step);
    if (isShown) draw();
  }
  return board;
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
        bench.numSolved += Number(numWrong(board, puzzles[index][1]) === 0);
        bench.forwards += board.metrics?.forwards ?? 0;
        bench.rows += board.metrics?.rows ?? 0;
      });
      numCounted++;
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

function verdict({ board }: Bench): string {
  if (!board?.metrics) return "";
  const [, solution] = puzzles[current];
  const wrong = numWrong(board, solution);
  const result = wrong === 0 ? "solved" : `${counted(wrong, "cell")} wrong`;
  const { forwards, rows } = board.metrics;
  return `${result}, ${counted(forwards, "forward")}, ${counted(rows, "row")}`;
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
    <ol>${Array.from({ length: CELLS }, (_, cell) => renderCell(board, cell))}</ol>
    <p class="result">${verdict(bench)}</p>
    <p class="result">${tally(bench)}</p>
  </section>`;
}

/** On which devices the models run, and why. */
function renderDevices(): TemplateResult[] {
  const words = [...models.values()].map(
    ({ device: { name, description, why } }) => `Runs on ${name}: ${description}. ${why}`,
  );
  return [...new Set(words)].map((line) => html`<p class="note">${line}</p>`);
}

function draw(): void {
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
      ${groups.map(
        (group) => html`<h2 class="boards-head">${group}</h2>
          <div class="boards">${benches.filter(({ way }) => way.group === group).map(renderBench)}</div>`,
      )}`,
    root,
  );
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
  await showPuzzle(0);
}

void begin();
