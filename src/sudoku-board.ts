import type { LanguageModel, Metrics, RunEvent } from "triptych-lm";
import { CELLS } from "./sudoku-ways.js";

/** What was written in a cell, and by which step. */
interface Filled {
  digit: string;
  step: number;
}

/** A way's run on one puzzle: all its events, and the cells as they stood after a step of it. A viewer of runs takes it for a pane. */
export class Board {
  readonly events: RunEvent[] = [];
  /** The step that is shown. */
  readonly replay = { position: 0 };
  /** By cell: null while open, and where a clue stands. */
  filled: readonly (Filled | null)[] = [];
  /** Null until it is done. */
  metrics: Metrics | null = null;
  /** By cell: the slot that has its digit. */
  private slots: readonly number[] = [];

  /** `onMove`: another step is shown. */
  constructor(
    readonly name: string,
    readonly label: string,
    readonly cells: string,
    readonly origin: { ref: LanguageModel["ref"]; prompt: string },
    private readonly onMove: () => void,
  ) {
    this.fill();
  }

  /** Steps that there were. */
  get numSteps(): number {
    return this.events.filter(({ type }) => type === "step").length;
  }

  /** Takes the run's next event in, and shows what it wrote. */
  add(event: RunEvent): void {
    this.events.push(event);
    if (event.type === "done") this.metrics = event.metrics;
    this.replay.position = this.numSteps;
    this.fill();
  }

  /** Shows the cells as they were after so many steps. */
  showStep(step: number): void {
    this.replay.position = step;
    this.fill();
    this.onMove();
  }

  /** What stands in a cell: what was written, else the clue. */
  digitAt(cell: number): string {
    return this.filled[cell]?.digit ?? (this.cells[cell] === "." ? "" : this.cells[cell]);
  }

  /** The slot of a cell's digit; undefined where there is none yet. */
  slotAt(cell: number): number | undefined {
    return this.slots[cell];
  }

  /** Cells that aren't as the solution has them. */
  numWrong(solution: string): number {
    return [...solution].filter((digit, cell) => this.digitAt(cell) !== digit).length;
  }

  private fill(): void {
    const slots: number[] = [];
    const bySlot = new Map<number, Filled | null>();
    const texts = new Map<number, string>();
    let step = 0;
    for (const event of this.events) {
      if (event.type === "step" && ++step > this.replay.position) break;
      if (!("edits" in event)) continue;
      for (const { slot, text } of event.pieces) texts.set(slot, text);
      for (const edit of event.edits) {
        if (edit.op === "insert") slots.push(edit.slot);
        if (edit.op === "delete" || edit.state === "prompt") continue;
        bySlot.set(edit.slot, edit.state === "committed" ? { digit: texts.get(edit.slot) ?? "", step } : null);
      }
    }
    // The autoregressive prompt is the whole puzzle: its cells come behind that.
    this.slots = slots.length > CELLS ? slots.slice(CELLS + 2) : slots;
    this.filled = Array.from({ length: CELLS }, (_, cell) => bySlot.get(this.slots[cell]) ?? null);
  }
}
