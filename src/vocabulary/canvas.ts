import { invariant } from "./errors.js";
import type { SetRows } from "./prompt.js";
import type { Edit, SlotId, SlotState, TokenId } from "./events.js";

/** One token instance as the canvas shows it. A mask has no token. */
export interface Slot {
  readonly id: SlotId;
  readonly token: TokenId | null;
  readonly state: SlotState;
  readonly logprob?: number;
  /** The neighbour in a draft tree, where it isn't the neighbour in the list. */
  readonly parent?: SlotId;
}

/** A slot that may still change: without a token, or with one that isn't certain. */
export function isOpen({ state }: Pick<Slot, "state">): boolean {
  return state === "mask" || state === "tentative";
}

/** A slot with a token that the run wrote. */
export function isWritten({ state }: Pick<Slot, "state">): boolean {
  return state === "committed" || state === "tentative";
}

interface Cell {
  id: SlotId;
  token: TokenId | null;
  state: SlotState;
  logprob?: number;
  parent?: SlotId;
  index: number;
}

/** An ordered list of slots that changes only by edits. Appending is O(1); an edit in the middle is O(length) at worst. */
export class Canvas {
  private readonly cells: Cell[] = [];
  private readonly byId = new Map<SlotId, Cell>();
  private nextId: SlotId = 0;
  /** Indices from here on may be stale. */
  private staleFrom = 0;
  private numPrompt = 0;
  private numMasks = 0;

  /** `sets`: which of the prompt's slots are sets. */
  constructor(readonly sets: readonly SetRows[] = []) {}

  /** A canvas that holds the edits' result. */
  static replay(edits: Iterable<Edit>, sets: readonly SetRows[] = []): Canvas {
    const canvas = new Canvas(sets);
    for (const edit of edits) canvas.apply(edit);
    return canvas;
  }

  /** Number of slots. */
  get length(): number {
    return this.cells.length;
  }

  /** Number of slots that aren't masks. */
  get numFilled(): number {
    return this.cells.length - this.numMasks;
  }

  /** Number of prompt slots that begin the canvas. Text to fill in between has more of them behind. */
  get promptLength(): number {
    return this.numPrompt;
  }

  /** A slot id that was never used on this canvas. */
  newSlot(): SlotId {
    return this.nextId++;
  }

  /** All slots in order: a live view, to read and not to keep. */
  slots(): readonly Slot[] {
    return this.cells;
  }

  /** The slot with this id, or undefined when it isn't on the canvas now. */
  slot(id: SlotId): Slot | undefined {
    return this.byId.get(id);
  }

  /** Where a live slot stands, 0 first. */
  position(id: SlotId): number {
    const cell = this.cell(id);
    for (let i = this.staleFrom; i < this.cells.length; i++) this.cells[i].index = i;
    this.staleFrom = this.cells.length;
    return cell.index;
  }

  /** Token ids in order. A mask counts as `maskToken`; without one, a canvas with masks throws. */
  ids(maskToken?: TokenId): TokenId[] {
    return this.cells.map(({ token }) => {
      const id = token ?? maskToken;
      invariant(id !== undefined, "ids() of a canvas with masks needs the mask id");
      return id;
    });
  }

  /** Slots that are not prompt, in order. */
  completion(): Slot[] {
    return this.cells.filter(({ state }) => state !== "prompt");
  }

  /** Index just past the leading run of prompt and committed slots: the first mask or draft, or `length`. */
  committedEnd(): number {
    const index = this.cells.findIndex(({ state }) => state !== "prompt" && state !== "committed");
    return index < 0 ? this.cells.length : index;
  }

  /** The leading run of prompt and committed ids. */
  committedIds(): TokenId[] {
    return this.cells.slice(0, this.committedEnd()).map(({ token }) => token as TokenId);
  }

  /** Makes one edit and returns its inverse. Edits of prompt slots, dead slots or used ids throw and change nothing. */
  apply(edit: Edit): Edit {
    if (edit.op === "insert") return this.insert(edit);
    const cell = this.cell(edit.slot);
    invariant(cell.state !== "prompt", `slot ${edit.slot} is prompt and can't change`);
    return edit.op === "write" ? this.write(cell, edit) : this.delete(cell);
  }

  private insert(edit: Edit & { op: "insert" }): Edit {
    invariant(!this.byId.has(edit.slot), `slot ${edit.slot} is already on the canvas`);
    checkToken(edit.token, edit.state);
    const index = edit.after === null ? 0 : this.position(edit.after) + 1;
    const { slot: id, token, state, logprob, parent } = edit;
    const cell: Cell = { id, token, state, index, ...optional({ logprob, parent }) };
    if (index === this.cells.length) {
      this.cells.push(cell);
      if (this.staleFrom === index) this.staleFrom++;
    } else {
      this.cells.splice(index, 0, cell);
      this.staleFrom = Math.min(this.staleFrom, index);
    }
    this.byId.set(id, cell);
    if (state === "mask") this.numMasks++;
    this.nextId = Math.max(this.nextId, id + 1);
    if (state === "prompt" && index === this.numPrompt) this.numPrompt++;
    return { op: "delete", slot: id };
  }

  private write(cell: Cell, edit: Edit & { op: "write" }): Edit {
    invariant(edit.state !== "prompt", `slot ${edit.slot} can't become prompt`);
    checkToken(edit.token, edit.state);
    const { token, state, logprob } = cell;
    this.numMasks += Number(edit.state === "mask") - Number(state === "mask");
    cell.token = edit.token;
    cell.state = edit.state;
    if (edit.logprob === undefined) delete cell.logprob;
    else cell.logprob = edit.logprob;
    return { op: "write", slot: cell.id, token, state, ...optional({ logprob }) };
  }

  private delete(cell: Cell): Edit {
    const index = this.position(cell.id);
    const after = index === 0 ? null : this.cells[index - 1].id;
    this.cells.splice(index, 1);
    this.staleFrom = Math.min(this.staleFrom, index);
    this.byId.delete(cell.id);
    if (cell.state === "mask") this.numMasks--;
    const { id: slot, token, state, logprob, parent } = cell;
    return { op: "insert", slot, after, token, state, ...optional({ logprob, parent }) };
  }

  private cell(id: SlotId): Cell {
    const cell = this.byId.get(id);
    invariant(cell, `slot ${id} is not on the canvas`);
    return cell;
  }
}

function checkToken(token: TokenId | null, state: SlotState): void {
  invariant((token === null) === (state === "mask"), `a ${state} slot with token ${token}: masks alone have none`);
}

/** Leaves keys without a value out, so that edits compare and print without them. */
function optional<T extends Record<string, number | undefined>>(fields: T): Partial<Record<keyof T, number>> {
  const given: Partial<Record<keyof T, number>> = {};
  for (const key in fields) if (fields[key] !== undefined) given[key] = fields[key];
  return given;
}
