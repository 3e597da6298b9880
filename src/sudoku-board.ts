import type { LanguageModel, Metrics, RunEvent } from "triptych-lm";
import { countWrong } from "./ui/board/board-view.js";
import { cellsAfter, type Filled } from "./ui/board/cells.js";
import type { TraceBoard } from "./ui/trace/trace.js";

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
    readonly puzzle: TraceBoard,
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

  /** The slot of a cell's digit; undefined where there is none yet. */
  slotAt(cell: number): number | undefined {
    return this.slots[cell];
  }

  /** Cells that aren't as the solution has them. */
  get numWrong(): number {
    return countWrong(this.puzzle, this.filled) ?? 0;
  }

  private fill(): void {
    Object.assign(this, cellsAfter(this.events, this.replay.position, this.puzzle.clues.length));
  }
}
