import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { repeat } from "lit/directives/repeat.js";
import { ref } from "lit/directives/ref.js";
import type { Chosen } from "../../vocabulary/chosen.js";
import { listMethods, type MethodInfo } from "../../worker/client.js";
import { pickerWords as words } from "../words/picker.js";
import type { Pane } from "../pane.js";
import { type PlanRequest, Plans } from "../plans.js";
import { pickerStyle } from "./picker-style.js";
import { renderCard } from "./card.js";
import { FILTERS, type FilterName, matching, type Offered, type Wanted } from "./filters.js";

/** The element that asks for a method. */
export interface PickerHost {
  requestUpdate(): void;
  /** What a plan of a decoder with these options depends on. Throws when an address is none. */
  requestOf(decoder: string, options: Chosen): PlanRequest;
}

/** What is asked for: a method of a pane, or of a new one where there is none. */
export interface Asked {
  pane: Pane | null;
  take(decoder: string, options: Chosen): void;
}

const ANY: Wanted = { text: "", only: new Set(), order: null };
const FILTER_NAMES = Object.keys(FILTERS) as FilterName[];

/** A dialog that lists all methods, with filters; which can't run with the models at hand, and why. */
export class Picker {
  readonly style = pickerStyle;
  private methods: readonly MethodInfo[] = [];
  private readonly plans: Plans;
  private wanted = ANY;
  private asked: Asked | null = null;
  private isPlanned = false;
  private dialog: HTMLDialogElement | null = null;

  constructor(private readonly host: PickerHost) {
    this.plans = new Plans(() => host.requestUpdate());
  }

  /** Opens the dialog. */
  async open(asked: Asked): Promise<void> {
    this.asked = asked;
    this.host.requestUpdate();
    this.isPlanned = false;
    this.methods = await listMethods();
    // What can run stands first: listed before that is known, cards would move below a pointer.
    await this.plan();
    this.isPlanned = true;
    this.host.requestUpdate();
  }

  /** The dialog; nothing while it is closed. */
  render(): TemplateResult | typeof nothing {
    if (!this.asked) return nothing;
    const { pane } = this.asked;
    const shown = this.isPlanned ? matching(this.offered, this.wanted) : [];
    return html`<dialog class="picker" part="picker" aria-labelledby="picker-title" ${ref(this.opened)}
      @close=${(event: Event) => event.target === this.dialog && this.close()} @keydown=${onKey}
      @click=${(event: Event) => event.target === event.currentTarget && this.close()}>
      <header>
        <h2 id="picker-title">${words.title(pane?.label ?? null)}</h2>
        <button type="button" class="quiet" @click=${() => this.close()}>${words.close}</button>
      </header>
      ${this.renderFilters()}
      <p class="shown" role="status">${this.isPlanned ? words.shown(shown.length, this.methods.length) : nothing}</p>
      <ul class="methods" tabindex="-1">
        ${repeat(
          shown,
          ({ method }) => method.id,
          (one) => renderCard(one, this.isNow(one), () => this.take(one)),
        )}
        ${shown.length === 0 && this.isPlanned ? html`<li>${words.none}</li>` : nothing}
      </ul>
    </dialog>`;
  }

  /** Shows the dialog once it is in the page: it is told of before, where it can't open yet. */
  private readonly opened = (dialog: Element | undefined): void => {
    queueMicrotask(() => {
      if (!(dialog instanceof HTMLDialogElement) || !dialog.isConnected || dialog.open) return;
      dialog.showModal();
      this.dialog = dialog;
    });
  };

  private renderFilters(): TemplateResult {
    const { text, only, order } = this.wanted;
    return html`<div class="filters">
      <label class="field"><span>${words.search}</span><input type="search" autocomplete="off" .value=${live(text)}
        @input=${(event: Event) => this.want({ text: (event.target as HTMLInputElement).value })} /></label>
      <label class="field"><span>${words.order}</span><select @change=${(event: Event) => {
        this.want({ order: ((event.target as HTMLSelectElement).value || null) as Wanted["order"] });
      }}>
        <option value="" ?selected=${order === null}>${words.anyOrder}</option>
        ${Object.entries(words.orders).map(([name, label]) => html`<option value=${name} ?selected=${name === order}>${label}</option>`)}
      </select></label>
      <div class="chips" role="group" aria-label=${words.filters}>
        ${FILTER_NAMES.map((name) => html`<button type="button" class="chip" aria-pressed=${only.has(name)} @click=${() => this.toggle(name)}>${words.axes[name]}</button>`)}
      </div>
    </div>`;
  }

  /** Each method with the decoder that it would be had with: the pane's own if it may, else the first that can run it. */
  private get offered(): Offered[] {
    return this.methods.map((method) => {
      const own = method.decoders.filter((name) => name === this.asked?.pane?.decoder);
      const all = [...new Set([...own, ...method.decoders])].flatMap((decoder) =>
        this.settingsOf(method, decoder).map((options) => {
          const plan = this.plans.of(keyOf(method, decoder, options));
          const message = plan?.refusal?.message ?? null;
          const refusal = message && plan?.roles === null ? `${message} ${words.remedy}` : message;
          return { method, decoder, options, refusal };
        }),
      );
      return all.find(({ refusal }) => refusal === null) ?? all[0];
    });
  }

  /** Whether the pane has just this. */
  private isNow({ method }: Offered): boolean {
    const { pane = null } = this.asked ?? {};
    if (!pane || !method.decoders.includes(pane.decoder)) return false;
    return JSON.stringify(this.setIn(pane.decoder).byMethods) === JSON.stringify(method.options);
  }

  /** What would be set with a method, the best first: with what is set beside it, or without, should that not go together. What is set beside another method goes with that one. */
  private settingsOf({ options }: MethodInfo, decoder: string): Chosen[] {
    const { byMethods, beside } = this.setIn(decoder);
    const isOfAnother = Object.keys(byMethods).length > 0 && JSON.stringify(byMethods) !== JSON.stringify(options);
    return isOfAnother || Object.keys(beside).length === 0 ? [options] : [{ ...beside, ...options }, options];
  }

  /** What is set in the pane for a decoder: by options that tell its methods apart, and beside them. */
  private setIn(decoder: string): { byMethods: Chosen; beside: Chosen } {
    const own = this.methods.filter(({ decoders }) => decoders.includes(decoder));
    const telling = new Set(own.flatMap(({ options }) => Object.keys(options)));
    const set = Object.entries(this.asked?.pane?.chosenOf(decoder) ?? {});
    return {
      byMethods: Object.fromEntries(set.filter(([name]) => telling.has(name))),
      beside: Object.fromEntries(set.filter(([name]) => !telling.has(name))),
    };
  }

  private take({ decoder, options, refusal }: Offered): void {
    if (refusal !== null || !this.asked) return;
    const { take } = this.asked;
    this.close();
    take(decoder, options);
  }

  private close(): void {
    // Closed before it leaves the page: only then the focus goes back to where it came from.
    this.dialog?.close();
    this.dialog = null;
    this.asked = null;
    this.host.requestUpdate();
  }

  private want(change: Partial<Wanted>): void {
    this.wanted = { ...this.wanted, ...change };
    this.host.requestUpdate();
  }

  private toggle(name: FilterName): void {
    const only = new Set(this.wanted.only);
    if (!only.delete(name)) only.add(name);
    this.want({ only });
  }

  private async plan(): Promise<void> {
    try {
      const requests = this.methods.flatMap((method) =>
        method.decoders.flatMap((decoder) =>
          this.settingsOf(method, decoder).map((options) => {
            const request = { ...this.host.requestOf(decoder, options), isBrief: true };
            return [keyOf(method, decoder, options), request] as const;
          }),
        ),
      );
      await this.plans.refresh(Object.fromEntries(requests));
    } catch {
      // An address that is none says so when it is loaded.
    }
  }
}

const keyOf = ({ id }: MethodInfo, decoder: string, options: Chosen) => `${id} ${decoder} ${JSON.stringify(options)}`;

/** Arrows go from card to card; the page's own keys wait. */
function onKey(event: KeyboardEvent): void {
  event.stopPropagation();
  const list = (event.currentTarget as Element).querySelectorAll<HTMLElement>(".methods button");
  const at = [...list].indexOf(event.target as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: list.length - 1 }[event.key];
  if (to === undefined || at < 0 || !list[to]) return;
  event.preventDefault();
  list[to].focus();
}
