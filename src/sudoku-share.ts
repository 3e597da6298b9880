import { html, nothing, type TemplateResult } from "lit";
import type { ModelDevice } from "triptych-lm";
import type { Board } from "./sudoku-board.js";
import { takeAnew } from "./ui/in-address.js";
import type { TraceBox } from "./ui/share/trace-box.js";
import { traceOf } from "./ui/trace/write-trace.js";
import { shareSummary } from "./ui/words/first.js";

const IN_LINK = "#trace=";

/** What is shared: the boards that are done, in the order they stand, the devices that wrote them, and the puzzle's number. */
export interface SharedBoards {
  boards: readonly Board[];
  devices: readonly ModelDevice[];
  puzzle: number;
}

/** The folded part that saves and links a race of boards, and plays one from elsewhere; loaded when it is opened, or at once where the page's link holds a trace. */
export class SudokuShare {
  private traces: TraceBox | null = null;
  private isAsked = false;
  private isOpen = location.hash.startsWith(IN_LINK);

  constructor(private readonly draw: () => void) {
    addEventListener("hashchange", takeAnew);
    if (this.isOpen) void this.load().then((traces) => traces.openLink(location.hash.slice(IN_LINK.length)));
  }

  /** The part. */
  render(shared: SharedBoards): TemplateResult {
    const { traces } = this;
    return html`<details class="share-boards" ?open=${this.isOpen} @toggle=${(event: Event) => {
      this.isOpen = (event.target as HTMLDetailsElement).open;
      if (this.isOpen && !this.isAsked) void this.load();
    }}>
      <summary>${shareSummary}</summary>
      ${
        traces
          ? html`<div class="share">
              ${traces.renderKeys(
                shared.boards.length > 0 ? () => traceIn(shared) : null,
                () => location.origin + location.pathname + location.search,
              )}
              ${traces.renderOpened()}
            </div>`
          : nothing
      }
    </details>`;
  }

  private async load(): Promise<TraceBox> {
    this.isAsked = true;
    const { shareStyle, TraceBox } = await import("./ui/share/trace-box.js");
    if (shareStyle.styleSheet) document.adoptedStyleSheets.push(shareStyle.styleSheet);
    this.traces = new TraceBox(this.draw);
    this.draw();
    return this.traces;
  }
}

function traceIn({ boards, devices, puzzle }: SharedBoards) {
  const { puzzle: board } = boards[0];
  const adapter = [...new Set(devices.map(({ name, description }) => `${name}: ${description}`))].join("; ");
  const panes = boards.map(({ name, label, events }) => {
    const [start] = events;
    return { name, label, decoder: start.type === "start" ? start.decoder : "", events };
  });
  return traceOf({ adapter, prompt: board.clues, settings: { puzzle }, board, panes });
}
