import { nothing, type TemplateResult } from "lit";
import type { Board } from "./sudoku-board.js";
import { Card } from "./ui/inspector/card.js";
import { inspectorStyle } from "./ui/inspector/inspector-style.js";
import { Laws } from "./ui/inspector/laws.js";
import { historyOf } from "./ui/inspector/token-history.js";
import { Playback } from "./ui/playback/playback.js";
import { timelineStyle } from "./ui/timeline/timeline-style.js";
import { renderTimeline } from "./ui/timeline/timeline-view.js";
import { unseenStyle } from "./ui/unseen-style.js";
import { lawOf } from "./worker/client.js";

/** The first page's viewers of runs on boards of cells: the timeline that moves all boards together, and the card of a token. */
export class Viewers {
  private readonly playback: Playback;
  private readonly card = new Card(document.body, () => this.close());
  private readonly laws = new Laws(lawOf, () => this.refresh());
  private shown: { board: Board; cell: number; element: HTMLElement; isPinned: boolean } | null = null;

  /** `draw` draws the page anew; `isBusy`: whether something is being solved, which a law would wait for. */
  constructor(
    draw: () => void,
    private readonly isBusy: () => boolean,
  ) {
    for (const { styleSheet } of [unseenStyle, timelineStyle, inspectorStyle]) {
      if (styleSheet) document.adoptedStyleSheets.push(styleSheet);
    }
    this.playback = new Playback({
      isConnected: true,
      requestUpdate: draw,
      slide(position) {
        const slider = document.querySelector<HTMLInputElement>(".timeline > input");
        if (slider) slider.value = String(position);
      },
    });
  }

  /** The timeline of boards that are all done; nothing where there are none. */
  renderTimeline(boards: readonly Board[]): TemplateResult | typeof nothing {
    this.playback.take(boards);
    return this.playback.isRace ? renderTimeline(this.playback) : nothing;
  }

  /** Shows the card of a cell; one that is pinned stays until it is closed. */
  show(board: Board, cell: number, element: HTMLElement, isPinned: boolean): void {
    if (this.shown?.element !== element) this.close();
    this.shown = { board, cell, element, isPinned };
    this.refresh();
  }

  /** Takes the card away that isn't pinned. */
  leave(): void {
    if (this.shown && !this.shown.isPinned) this.close();
  }

  /** Takes the card away. */
  close(): void {
    this.laws.cancel();
    this.card.hide();
    if (this.shown) delete this.shown.element.dataset.inspected;
    this.shown = null;
  }

  /** Shows what is known by now, of the step that the board shows. */
  refresh(): void {
    if (!this.shown) return;
    const { board, cell, element, isPinned } = this.shown;
    const { events, numSteps, label, replay } = board;
    const slot = board.slotAt(cell);
    const history = slot === undefined ? null : historyOf(events, slot, replay.position);
    if (slot === undefined || !history || !element.isConnected) return this.close();
    element.dataset.inspected = isPinned ? "pinned" : "";
    const law = this.laws.of(board, slot, replay.position, history, this.isBusy());
    this.card.show({ history, law, numSteps, isPinned, pane: label }, element);
  }
}
