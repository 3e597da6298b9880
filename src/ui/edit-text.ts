import { css, html, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { asNumber } from "../vocabulary/number-text.js";
import { cut, type Part, promptOf, rewritten, usualLength } from "./text-part.js";
import { editWords as words } from "./words/late.js";
import type { Pane } from "./pane.js";

/** The element around it. */
export interface EditHost {
  prompt: string;
  seed: number | string | undefined;
  readonly busy: boolean;
  defaultOf(option: string): unknown;
  readonly renderRoot: ParentNode;
  requestUpdate(): void;
  generate(): Promise<unknown>;
}

const editStyle = css`
  .edit-text {
    display: grid;
    gap: 0.4rem;
    padding: 0.5rem 0.7rem;
    border-inline-start: 3px solid var(--accent);
    font-size: 0.87rem;
  }
  .edit-text p {
    margin: 0;
    color: var(--muted);
  }
  .edit-act {
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    gap: 0.4rem 0.8rem;
  }
  .edit-text ul {
    display: grid;
    gap: 0.4rem;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .edit-text blockquote {
    margin: 0;
    font: 1.02rem / 1.5 var(--text-font);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .edit-text del {
    color: var(--rejected);
    text-decoration: line-through;
  }
  .edit-text ins {
    font-weight: 600;
    text-decoration: underline 2px var(--accepted);
    text-underline-offset: 0.2em;
  }
`;

/** The row below the prompt by which a marked part of it is written anew: the part becomes a hole, and what fills it stands beside what it was. */
export class TextEdit {
  readonly style = editStyle;
  private part: Part | null = null;
  private made = "";
  /** Tokens that the new words are to have, as it was typed; empty: as many as the old ones have words and signs. */
  private length = "";
  private fault = "";

  constructor(
    private readonly host: EditHost,
    private readonly panes: () => readonly Pane[],
  ) {}

  /** The row. */
  render(): TemplateResult {
    const part = this.host.prompt === this.made ? this.part : null;
    return html`<section class="edit-text" part="edit" aria-label=${words.title}>
      <p>${part ? words.kept : words.how}</p>
      ${part ? this.renderRewritten(part) : this.renderAsk()}
      <p role="status">${this.fault}</p>
    </section>`;
  }

  private renderAsk(): TemplateResult {
    return html`<div class="edit-act">
      <label class="field"><span>${words.length}</span><input class="number" inputmode="numeric" autocomplete="off" placeholder=${words.auto}
        .value=${live(this.length)} @input=${(event: Event) => {
          this.length = (event.target as HTMLInputElement).value.trim();
        }} /></label>
      <button type="button" ?disabled=${this.host.busy} @click=${() => this.rewrite()}>${words.rewrite}</button>
    </div>`;
  }

  private renderRewritten(part: Part): TemplateResult {
    const texts = this.host.busy ? [] : this.panes().flatMap((pane) => this.renderText(part, pane));
    return html`<ul>${texts}</ul>
      <div class="edit-act">
        <button type="button" ?disabled=${this.host.busy} @click=${() => this.again()}>${words.again}</button>
        <button type="button" class="quiet" ?disabled=${this.host.busy} @click=${() => this.take(part.before + part.old + part.behind)}>${words.back}</button>
      </div>`;
  }

  /** What a pane has written in the part's place; nothing for one that can't, or has nothing yet. */
  private renderText(part: Part, { label, outcome }: Pane): TemplateResult[] {
    if (!outcome || "error" in outcome) return [];
    const now = rewritten(part, outcome.text);
    if (now === null) return [];
    return [
      html`<li><strong>${label}</strong>
        <blockquote>${part.before}<span class="unseen">${words.was}</span><del>${part.old}</del><span class="unseen">${words.is}</span><ins>${now}</ins><span class="unseen">${words.end}</span>${part.behind}</blockquote>
        <button type="button" class="quiet" aria-label=${words.takeOf(label)} @click=${() => this.take(part.before + now + part.behind)}>${words.take}</button></li>`,
    ];
  }

  private rewrite(): void {
    const field = this.host.renderRoot.querySelector<HTMLTextAreaElement>("#prompt");
    const part = field && cut(field.value, field.selectionStart, field.selectionEnd);
    this.fault = part ? "" : words.nothing;
    if (part) {
      this.part = part;
      this.made = promptOf(part, this.length || usualLength(part.old));
      this.host.prompt = this.made;
      void this.host.generate();
    }
    this.host.requestUpdate();
  }

  /** With the next seed: the same one would draw the same words. */
  private again(): void {
    this.host.seed = (asNumber(this.host.seed ?? this.host.defaultOf("seed")) || 0) + 1;
    void this.host.generate();
  }

  /** Puts a text in the prompt's place, where another part can be marked. */
  private take(text: string): void {
    this.host.prompt = text;
    this.host.renderRoot.querySelector<HTMLElement>("#prompt")?.focus();
    this.host.requestUpdate();
  }
}
