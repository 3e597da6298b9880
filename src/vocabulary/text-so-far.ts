import type { DoneEvent, Edit, LiveEvent, SlotId } from "./events.js";

interface Cell {
  text: string;
  isSettled: boolean;
  /** Place in the certain run, as long as that is so long. */
  at: number;
}

/**
 * The completion as far as it is certain: committed, with nothing open before it, and no beginning of a stop text at its end.
 * It only ever grows, whatever order a decoder writes in. An event costs what it changes, not the text's length.
 */
export class TextSoFar {
  private readonly cells: Cell[] = [];
  private readonly byId = new Map<SlotId, Cell>();
  /** By slot of the certain run: where its text begins. */
  private readonly starts: number[] = [];
  private text = "";
  private promptLength = 0;

  /** The text after this event, given all those before it; after the last one it is `done.text`. */
  after(event: LiveEvent | DoneEvent): string {
    if (event.type === "done") return event.text;
    const { edits, pieces, type } = event;
    if (type === "start") {
      const begin = edits.findIndex((edit) => edit.op === "delete" || edit.state !== "prompt");
      this.promptLength = begin < 0 ? edits.length : begin;
    }
    let from = this.starts.length;
    for (const edit of edits) from = Math.min(from, this.edit(edit));
    for (const { slot, text } of pieces) {
      const cell = this.byId.get(slot);
      // A slot that came and went within the step has a piece, and no place.
      if (!cell) continue;
      cell.text = text;
      from = Math.min(from, cell.at);
    }
    this.readFrom(from);
    return this.text;
  }

  /** Makes an edit; the first place in the list that it concerns. */
  private edit(edit: Edit): number {
    const { cells, byId } = this;
    // What changes stands near the end.
    const placeOf = (slot: SlotId) => cells.lastIndexOf(byId.get(slot) as Cell);
    if (edit.op === "delete") {
      const place = placeOf(edit.slot);
      cells.splice(place, 1);
      byId.delete(edit.slot);
      return place;
    }
    const isSettled = edit.state === "prompt" || edit.state === "committed";
    if (edit.op === "insert") {
      const place = edit.after === null ? 0 : placeOf(edit.after) + 1;
      const cell = { text: "", isSettled, at: place };
      cells.splice(place, 0, cell);
      byId.set(edit.slot, cell);
      return place;
    }
    const cell = byId.get(edit.slot) as Cell;
    cell.isSettled = isSettled;
    return cell.at;
  }

  private readFrom(from: number): void {
    const { cells, starts } = this;
    if (from < starts.length) this.text = this.text.slice(0, starts[from]);
    starts.length = from;
    for (let place = from; cells[place]?.isSettled; place++) {
      cells[place].at = place;
      starts.push(this.text.length);
      if (place >= this.promptLength) this.text += cells[place].text;
    }
  }
}
