import { html, type LitElement, nothing, type TemplateResult } from "lit";
import type { Chosen } from "../vocabulary/chosen.js";
import { MOST_PANES } from "./default-panes.js";
import type { Pane } from "./pane.js";
import { type PlaceActions, renderPaneButtons } from "./pane-buttons.js";
import type { PaneList } from "./pane-list.js";
import { paneListWords } from "./words/first.js";

/** What a person does with the list of panes: adds, duplicates and removes them. The focus goes where the work goes on. */
export class PanePlaces {
  /** What was done last, in a sentence. */
  said = "";

  constructor(
    private readonly host: LitElement,
    private readonly list: PaneList,
  ) {}

  /** The buttons of a pane's head. */
  renderButtons(pane: Pane): TemplateResult {
    const { list } = this;
    const actions: PlaceActions = {
      duplicate: list.hasRoom ? (like) => this.showNew(list.duplicate(like)) : null,
      remove: list.all.length > 1 ? (one) => this.remove(one) : null,
    };
    return renderPaneButtons(pane, actions);
  }

  /** The button that adds a pane, for which `pick` asks for a decoder and what is set for it. */
  renderAdd(pick: (take: (decoder: string, options: Chosen) => void) => void): TemplateResult {
    const { hasRoom } = this.list;
    return html`<button type="button" class="quiet add-pane" ?disabled=${!hasRoom} title=${hasRoom ? nothing : paneListWords.full(MOST_PANES)}
      @click=${() => pick((decoder, options) => this.add(decoder, options))}>${paneListWords.add}</button>`;
  }

  private add(decoder: string, options: Chosen): void {
    const pane = this.list.add(decoder);
    pane.choose(decoder, options);
    this.showNew(pane);
  }

  private showNew(pane: Pane): void {
    this.said = paneListWords.added(pane.label, this.list.all.length);
    void this.focusIn(pane);
  }

  private remove(pane: Pane): void {
    const at = this.list.all.indexOf(pane);
    this.list.remove(pane);
    this.said = paneListWords.removed(pane.label, this.list.all.length);
    void this.focusIn(this.list.all[Math.max(0, at - 1)]);
  }

  /** Puts the focus on the buttons of a pane once it is drawn: those that had it are gone, or another pane's. */
  private async focusIn({ name }: Pane): Promise<void> {
    await this.host.updateComplete;
    this.host.renderRoot.querySelector<HTMLElement>(`.pane[data-pane="${name}"] .pane-head .icon`)?.focus();
  }
}
