import { css, html, nothing, type TemplateResult } from "lit";
import { toWire, type WireError } from "../vocabulary/errors.js";
import { hasSet, shuffleSets } from "../vocabulary/set-marks.js";
import type { ModelRef, OrdersApart } from "../worker/client.js";
import { renderError } from "./error-note.js";
import { formatNumber } from "./figures.js";
import type { Pane } from "./pane.js";
import { orderWords } from "./words/late.js";

/** The element around it. */
export interface OrdersHost {
  prompt: string;
  readonly busy: boolean;
  requestUpdate(): void;
  generate(prompt: string): Promise<unknown>;
}

/** What is known of two orders: the later one, and how far it is from the one before. */
interface Shuffled {
  prompt: string;
  apart: OrdersApart | WireError | null;
}

const WORDS =
  "Divergence of the next token's laws behind the last two orders of the prompt (KL, in nats): with its sets read as sets, and with the same tokens read as plain text";

const ordersStyle = css`
  .orders {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0.2rem 0.7rem;
    padding: 0.35rem 0.9rem;
    font-size: 0.8rem;
    color: var(--muted);
  }
`;

/** A button that shuffles the sets of the prompt and writes again, and how far the last two orders are apart. */
export class Orders {
  readonly style = ordersStyle;
  private shuffled: Shuffled | null = null;

  constructor(
    private readonly host: OrdersHost,
    private readonly compare: (ref: ModelRef, prompts: [string, string]) => Promise<OrdersApart>,
    private readonly random: () => number = Math.random,
  ) {}

  /** Below a pane whose decoder reads sets. */
  render(pane: Pane): TemplateResult {
    const { prompt, busy } = this.host;
    const isReady = hasSet(prompt) && !busy;
    return html`<div class="orders" part="orders">
      <button type="button" class="quiet" ?disabled=${!isReady} title=${orderWords.shuffles}
        @click=${() => this.shuffle(pane)}>${orderWords.shuffle}</button>
      ${hasSet(prompt) ? this.renderApart(prompt) : html`<span>${orderWords.writeSet}</span>`}
    </div>`;
  }

  private renderApart(prompt: string): TemplateResult | typeof nothing {
    if (this.shuffled?.prompt !== prompt) return nothing;
    const { apart } = this.shuffled;
    if (!apart) return html`<span role="status">${orderWords.comparing}</span>`;
    if ("code" in apart) return renderError(apart);
    return html`<span role="status" title=${WORDS}>${orderWords.apart}
      <b data-figure="set-based-nats">${formatNumber(apart.setBased)}</b>${orderWords.ordinary}
      <b data-figure="ordinary-nats">${formatNumber(apart.ordinary)}</b> ${orderWords.nats}</span>`;
  }

  private async shuffle(pane: Pane): Promise<void> {
    const { host } = this;
    const before = host.prompt;
    let prompt = before;
    try {
      prompt = shuffleSets(before, this.random);
    } catch {
      // Marks that make no set: the run says so.
    }
    await host.generate(prompt);
    const [ref] = pane.casting.refs;
    if (!ref || host.prompt !== prompt || (pane.outcome && "error" in pane.outcome)) return;
    const shuffled: Shuffled = { prompt, apart: null };
    this.shuffled = shuffled;
    host.requestUpdate();
    shuffled.apart = await this.compare(ref, [before, prompt]).catch(toWire);
    host.requestUpdate();
  }
}
