import type { DoneEvent, Edit, Piece, SlotId, SlotState } from "../vocabulary/events.js";
import type { Change, Seen } from "./run-view.js";
import type { Transition } from "./transition.js";

/** How long a rejected draft stays visible. */
const GHOST_MS = 1100;
const MAX_GHOSTS = 2;

interface SlotView {
  state: SlotState;
  /** `null` for the prompt's beginning, which is shown as one text. */
  element: HTMLElement | null;
}

/**
 * Draws a canvas as one span per slot, from edits alone. The root's text content is the completion and nothing else:
 * masks, drafts and rejected drafts are drawn by CSS from attributes.
 */
export class CanvasView {
  readonly root: HTMLElement;
  private readonly slots = new Map<SlotId, SlotView>();
  private readonly ghosts: HTMLElement[] = [];
  /** What the event that is shown has committed. */
  private readonly fresh: HTMLElement[] = [];
  private isHeld = false;
  /** Whose place an element draws, a rejected draft's as well. */
  private readonly places = new WeakMap<Element, SlotId>();

  constructor() {
    this.root = document.createElement("span");
    this.root.setAttribute("part", "text");
    // By itself: a prompt in another direction doesn't turn it round.
    this.root.dir = "auto";
  }

  /** The slot that an element of the view draws. */
  slotOf(element: Element): SlotId | undefined {
    return this.places.get(element);
  }

  /** The element that draws a slot now; null where none does. */
  elementOf(slot: SlotId): HTMLElement | null {
    return this.slots.get(slot)?.element ?? null;
  }

  /** Empties the view for a new run. */
  clear(): void {
    this.slots.clear();
    this.ghosts.length = 0;
    this.fresh.length = 0;
    this.root.replaceChildren();
  }

  /** Has the drafts that an event rejected stay struck out until the next event, or vanish by themselves again. */
  hold(isHeld: boolean): void {
    this.isHeld = isHeld;
    this.root.toggleAttribute("data-held", isHeld);
    this.dropGhosts();
  }

  /** Draws one event. */
  apply({ event, changes, round }: Seen): void {
    if (event.type === "done") return this.finish(event);
    if (event.type === "error") return;
    if (this.isHeld) this.dropGhosts();
    this.dropFresh();
    const { pieces } = event;
    const texts = new Map(pieces.map(({ slot, text }: Piece) => [slot, text]));
    for (const change of changes) this.edit(change, texts.get(change.edit.slot));
    for (const [slot, text] of texts) {
      const view = this.slots.get(slot);
      if (view?.element) show(view.element, view.state, text);
    }
    // The token that the model wrote behind a round's drafts.
    const own = round?.own;
    const element = own && this.slots.get(own.slot)?.element;
    if (element) element.dataset.own = own.kind;
  }

  /** Ends the run: what is shown is what was returned, even if the pieces said otherwise. */
  finish({ text }: DoneEvent): void {
    this.dropFresh();
    for (const [slot, { state, element }] of this.slots) {
      if (!element || state === "committed" || state === "prompt") continue;
      element.remove();
      this.slots.delete(slot);
    }
    if (this.root.textContent !== text) this.root.replaceChildren(text);
  }

  /** Ends what moves: a picture out of a replay is still. */
  settle(): void {
    for (const animation of this.root.getAnimations({ subtree: true })) animation.finish();
  }

  private edit({ edit, move }: Change, text: string | undefined): void {
    const before = this.slots.get(edit.slot);
    if (edit.op === "delete") {
      this.slots.delete(edit.slot);
      if (!before?.element) return;
      if (move === "reject") this.reject(before.element, text);
      else before.element.remove();
      return;
    }
    if (edit.op === "insert") {
      const isBeginning = edit.state === "prompt" && this.isBeginning(edit.after);
      const element = isBeginning ? null : this.insert(edit.after);
      if (element) this.places.set(element, edit.slot);
      this.slots.set(edit.slot, { state: edit.state, element });
    } else if (before) {
      before.state = edit.state;
    }
    const element = this.slots.get(edit.slot)?.element;
    if (!element) return;
    dress(element, edit, move);
    if (edit.state === "committed") {
      element.dataset.fresh = "";
      this.fresh.push(element);
    }
    // What settles has the text that it had; only changes come as pieces.
    const known = element.dataset.text;
    if (edit.state !== "mask" && known !== undefined) show(element, edit.state, known);
  }

  private dropFresh(): void {
    for (const element of this.fresh.splice(0)) delete element.dataset.fresh;
  }

  private dropGhosts(): void {
    for (const ghost of this.ghosts.splice(0)) ghost.remove();
  }

  /** Whether a slot behind this one belongs to the beginning of the canvas that has no elements. */
  private isBeginning(after: SlotId | null): boolean {
    return after === null || this.slots.get(after)?.element === null;
  }

  private insert(after: SlotId | null): HTMLElement {
    const element = document.createElement("span");
    let anchor = after === null ? null : (this.slots.get(after)?.element ?? null);
    if (!anchor) {
      this.root.prepend(element);
      return element;
    }
    // The token that replaces a rejected draft stands under it, not before it.
    while (anchor.nextElementSibling?.classList.contains("ghost")) anchor = anchor.nextElementSibling as HTMLElement;
    anchor.after(element);
    return element;
  }

  private reject(element: HTMLElement, text = element.dataset.text ?? ""): void {
    const last = this.ghosts.at(-1);
    // Drafts go from the first on or from the last on.
    const isBehind = element.previousElementSibling === last;
    if (last?.dataset.isOpen && (isBehind || element.nextElementSibling === last)) {
      last.dataset.text = isBehind ? last.dataset.text + text : text + last.dataset.text;
      element.remove();
      return;
    }
    element.textContent = "";
    element.className = "ghost";
    element.dataset.text = text;
    // Drafts rejected in the same step make one ghost; a later step's make another.
    element.dataset.isOpen = "1";
    queueMicrotask(() => delete element.dataset.isOpen);
    this.ghosts.push(element);
    if (this.ghosts.length > MAX_GHOSTS) this.ghosts.shift()?.remove();
    if (this.isHeld) return;
    setTimeout(() => {
      element.remove();
      const index = this.ghosts.indexOf(element);
      if (index >= 0) this.ghosts.splice(index, 1);
    }, GHOST_MS);
  }
}

function dress(element: HTMLElement, edit: Exclude<Edit, { op: "delete" }>, move: Transition): void {
  element.className = edit.state;
  element.dataset.move = move;
  // Stays when the text settles: it was another one before.
  if (move === "revise" || move === "remask") element.dataset.revised = "";
  if (edit.state === "mask") {
    element.textContent = "";
    // Shaded by how sure the model is of what fills it.
    element.dataset.masked = "";
  }
  if (edit.logprob !== undefined) element.style.setProperty("--p", Math.exp(edit.logprob).toFixed(2));
}

function show(element: HTMLElement, state: SlotState, text: string): void {
  element.dataset.text = text;
  element.textContent = state === "committed" || state === "prompt" ? text : "";
}
