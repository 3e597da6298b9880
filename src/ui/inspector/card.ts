import { render } from "lit";
import { type CardContent, renderCard } from "./card-view.js";

/** Least distance from the window's edges. */
const EDGE_PX = 8;
const GAP_PX = 6;

/** The card of one token, over everything else and within the window. */
export class Card {
  readonly id = "token-card";
  private readonly element: HTMLElement;
  private anchor: Element | null = null;

  constructor(
    root: ParentNode,
    private readonly onClose: () => void,
  ) {
    this.element = document.createElement("div");
    this.element.id = this.id;
    this.element.className = "token-card";
    this.element.part.add("token");
    this.element.role = "dialog";
    this.element.popover = "manual";
    root.append(this.element);
  }

  /** Whether something is part of it. */
  holds(target: Node): boolean {
    return this.element.contains(target);
  }

  /** Shows this beside a token. */
  show(content: CardContent, anchor: Element): void {
    render(renderCard(content, this.onClose), this.element);
    this.element.ariaLabel = content.pane;
    this.anchor = anchor;
    if (!this.element.matches(":popover-open")) {
      this.element.showPopover();
      addEventListener("scroll", this.place, { capture: true, passive: true });
      addEventListener("resize", this.place);
    }
    this.place();
  }

  /** Takes it away. */
  hide(): void {
    this.anchor = null;
    removeEventListener("scroll", this.place, { capture: true });
    removeEventListener("resize", this.place);
    if (this.element.matches(":popover-open")) this.element.hidePopover();
  }

  private readonly place = (): void => {
    if (!this.anchor) return;
    const { style, offsetWidth: width, offsetHeight: height } = this.element;
    const token = this.anchor.getClientRects()[0] ?? this.anchor.getBoundingClientRect();
    const { clientWidth, clientHeight } = document.documentElement;
    const below = token.bottom + GAP_PX;
    const above = token.top - GAP_PX - height;
    // Below if there is room, else above, else wherever there is more.
    const isBelow = below + height <= clientHeight - EDGE_PX || above < EDGE_PX;
    const top = isBelow ? Math.min(below, clientHeight - EDGE_PX - height) : above;
    style.left = `${Math.max(EDGE_PX, Math.min(token.left, clientWidth - EDGE_PX - width))}px`;
    style.top = `${Math.max(EDGE_PX, top)}px`;
  };
}
