import { lawOf } from "../../worker/client.js";
import type { SlotId } from "../../vocabulary/events.js";
import { inspectorWords } from "../words/late.js";
import type { Pane } from "../pane.js";
import { Card } from "./card.js";
import { inspectorStyle } from "./inspector-style.js";
import { Laws } from "./laws.js";
import type { PointingHost } from "./pointing-host.js";
import { tokenToward } from "./roving.js";
import { historyOf } from "./token-history.js";
import { visibleText } from "./visible-text.js";

/** Long enough to get from a token to its card. */
const LEAVE_MS = 250;
/** Who only passes over a text sees no card. */
const ENTER_MS = 80;

interface Place {
  pane: Pane;
  slot: SlotId;
  element: HTMLElement;
}

/** Shows the card of the token that is pointed at, has the focus, or was tapped: one at a time in an element. */
export class Inspector {
  private readonly card: Card;
  private readonly laws = new Laws(lawOf, () => this.draw());
  private shown: (Place & { events: Pane["events"] }) | null = null;
  private isPinned = false;
  /** The token that has the focus. */
  private focused: HTMLElement | null = null;
  /** The token of each text that had it last. */
  private readonly last = new WeakMap<Pane, SlotId>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly host: PointingHost,
    private readonly panes: () => readonly Pane[],
  ) {
    const root = host.shadowRoot as ShadowRoot;
    if (inspectorStyle.styleSheet) root.adoptedStyleSheets = [...root.adoptedStyleSheets, inspectorStyle.styleSheet];
    this.card = new Card(root, () => this.close());
  }

  /** Takes in what happened to `target` in the element. */
  handle(event: Event, target: HTMLElement): void {
    const place = this.placeOf(target);
    switch (event.type) {
      case "pointerover":
        // A finger taps.
        if ((event as PointerEvent).pointerType === "touch") return;
        if (place) this.wait(ENTER_MS, () => this.pointAt(place));
        else if (this.card.holds(target)) clearTimeout(this.timer);
        return;
      case "pointerout":
        if (place || this.card.holds(target)) this.wait(LEAVE_MS, () => this.leave());
        return;
      case "focusin":
        if (place && place.element === target) this.focus(place);
        return;
      case "focusout":
        if (target !== this.focused) return;
        this.blur();
        if (!this.isPinned) this.close();
        return;
      case "click":
        // Who marks text wants the text.
        if (place && getSelection()?.isCollapsed !== false) this.pin(place);
        return;
      case "keydown":
        this.press(event as KeyboardEvent, target, place);
    }
  }

  /** Draws what is shown anew, where its run or its step is another by now. */
  refresh(): void {
    if (this.focused && !this.focused.isConnected) this.keepFocus();
    if (!this.shown) return;
    const { pane, slot, events } = this.shown;
    const element = pane.view.elementOf(slot) ?? (this.shown.element.isConnected ? this.shown.element : null);
    if (events !== pane.events || !element) return this.close();
    this.mark(element);
    this.draw();
  }

  /** Takes the card away. */
  close(): void {
    clearTimeout(this.timer);
    this.laws.cancel();
    this.card.hide();
    if (this.shown) delete this.shown.element.dataset.inspected;
    this.focused?.setAttribute("aria-expanded", "false");
    this.shown = null;
    this.isPinned = false;
  }

  private pointAt(place: Place): void {
    // What was pinned, and what the keyboard is at, stays.
    if (!this.isPinned && !this.focused) this.show(place);
  }

  private leave(): void {
    if (!this.isPinned && !this.focused) this.close();
  }

  private pin(place: Place): void {
    const isAgain = this.isPinned && this.shown?.element === place.element;
    this.isPinned = false;
    this.goTo(place);
    if (isAgain) return this.close();
    this.isPinned = true;
    this.show(place);
  }

  private press(event: KeyboardEvent, target: HTMLElement, place: Place | null): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && this.shown) {
      // Nothing else ends by it.
      event.stopPropagation();
      event.preventDefault();
      return this.close();
    }
    const paper = target.closest(".paper");
    const pane = this.panes().find(({ view }) => paper?.contains(view.root));
    if (!pane || (target !== paper && !place)) return;
    if (place && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      return this.pin(place);
    }
    const tokens = [...pane.view.root.children];
    const isRightToLeft = pane.view.root.matches(":dir(rtl)");
    const next = place
      ? tokenToward(tokens, place.element, event.key, isRightToLeft)
      : this.entry(pane, event.key, tokens, isRightToLeft);
    const slot = next && pane.view.slotOf(next);
    if (!next || slot === undefined) return;
    event.preventDefault();
    this.goTo({ pane, slot: slot as SlotId, element: next as HTMLElement });
  }

  /** Where a text is entered: at the token that had the focus last, or at either end. */
  private entry(pane: Pane, key: string, tokens: readonly Element[], isRightToLeft: boolean): Element | null {
    // These scroll the text.
    if (key === "ArrowUp" || key === "ArrowDown") return null;
    const slot = this.last.get(pane);
    const last = slot === undefined ? null : pane.view.elementOf(slot);
    if (key === "Enter") return last ?? tokens[0] ?? null;
    return key.startsWith("Arrow") && last ? last : tokenToward(tokens, null, key, isRightToLeft);
  }

  /** A text is one stop of the Tab key: its tokens get the focus by arrows and taps alone. */
  private goTo({ element }: Place): void {
    element.tabIndex = -1;
    element.focus({ preventScroll: false });
  }

  private focus(place: Place): void {
    const { element, pane, slot } = place;
    if (this.focused !== element) this.blur();
    this.focused = element;
    this.last.set(pane, slot);
    element.role = "button";
    element.setAttribute("aria-label", this.nameOf(place));
    element.setAttribute("aria-haspopup", "dialog");
    element.setAttribute("aria-describedby", this.card.id);
    if (!this.isPinned) this.show(place);
    element.setAttribute("aria-expanded", String(this.shown?.element === element));
  }

  private blur(): void {
    const { focused } = this;
    this.focused = null;
    if (!focused) return;
    for (const name of ["role", "tabindex", "aria-label", "aria-haspopup", "aria-describedby", "aria-expanded"]) {
      focused.removeAttribute(name);
    }
  }

  /** The text was drawn anew, and the token that had the focus went: its place has it, or the text. */
  private keepFocus(): void {
    const pane = this.panes().find((one) => one.view.slotOf(this.focused as Element) !== undefined);
    const element = pane?.view.elementOf(this.last.get(pane) ?? -1);
    this.focused = null;
    if (pane && element) this.goTo({ pane, slot: -1, element });
    else pane?.view.root.closest<HTMLElement>(".paper")?.focus();
  }

  private show(place: Place): void {
    clearTimeout(this.timer);
    if (this.shown && this.shown.element !== place.element) {
      delete this.shown.element.dataset.inspected;
      this.laws.cancel();
    }
    this.shown = { ...place, events: place.pane.events };
    this.mark(place.element);
    this.draw();
  }

  private mark(element: HTMLElement): void {
    if (!this.shown) return;
    if (this.shown.element !== element) delete this.shown.element.dataset.inspected;
    this.shown.element = element;
    element.dataset.inspected = this.isPinned ? "pinned" : "";
    if (element === this.focused) element.setAttribute("aria-expanded", "true");
  }

  private draw(): void {
    if (!this.shown) return;
    const { pane, slot, element, events } = this.shown;
    const { position, numSteps } = pane.replay;
    const history = historyOf(events, slot, position);
    if (!history) return this.close();
    const law = this.laws.of(pane, slot, position, history, this.host.busy);
    this.card.show({ history, law, numSteps, isPinned: this.isPinned, pane: pane.label }, element);
  }

  private nameOf({ pane, slot }: Place): string {
    const history = historyOf(pane.events, slot, pane.replay.position);
    return history?.held && history.state !== "mask"
      ? inspectorWords.token(visibleText(history.held.text))
      : inspectorWords.mask;
  }

  private placeOf(target: HTMLElement): Place | null {
    for (const pane of this.panes()) {
      const slot = target.parentElement === pane.view.root ? pane.view.slotOf(target) : undefined;
      if (slot !== undefined) return { pane, slot, element: target };
    }
    return null;
  }

  private wait(delayMs: number, then: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(then, delayMs);
  }
}
