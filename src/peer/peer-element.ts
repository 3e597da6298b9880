import { css, html, LitElement, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { compareIds } from "../ui/compare-ids.js";
import { Pane, type PaneEventDetail, type PaneHost } from "../ui/pane.js";
import type { PaneOutcome, PaneOutcomes } from "../ui/pane-outcome.js";
import type { CompareElement } from "../ui/compare-element.js";
import { renderPane } from "../ui/pane-view.js";
import { style } from "../ui/style.js";
import { counted } from "../vocabulary/counted.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { PEER_DEVICES, type PeerDevice, type PeerJob } from "./peer-protocol.js";
import { PeerRun } from "./peer-run.js";

/** The decoder whose text transformers.js writes as well. */
const PLAIN = "autoregressive";

const NOTHING_BESIDE =
  "There is no autoregressive text to be written here as well: no pane has written one. Choose the decoder “autoregressive” in a pane.";

/** What an autoregressive pane has written, and of what. */
interface Reference extends Omit<PeerJob, "device"> {
  pane: string;
  prompt: string;
  outcome: PaneOutcome | null;
}

/**
 * `<triptych-peer>`: a pane in which transformers.js writes what the page's autoregressive pane has written: the same weights, prompt and
 * options, after it, so that each has the machine. It compares the ids.
 */
export class PeerElement extends LitElement implements PaneHost {
  static override styles = [
    style,
    css`
      .act {
        display: flex;
        flex-wrap: wrap;
        gap: 0.6rem;
        align-items: end;
        padding: 0.6rem 0.9rem;
      }
    `,
  ];
  static override properties: PropertyDeclarations = { device: { type: String }, stage: { state: true } };

  /** Where it computes. */
  declare device: PeerDevice;
  /** What it does before it writes. */
  declare private stage: string;
  private readonly pane = new Pane("transformers.js", "transformers.js", "transformers.js", this);
  private readonly run = new PeerRun();
  private compared: CompareElement | null = null;
  private reference: Reference | null = null;
  private current: Promise<void> = Promise.resolve();

  constructor() {
    super();
    this.device = "wasm";
    this.stage = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.compared = document.querySelector("triptych-compare");
    this.compared?.addEventListener("triptych-event", this.onEvent);
    this.compared?.addEventListener("triptych-done", this.onDone);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.compared?.removeEventListener("triptych-event", this.onEvent);
    this.compared?.removeEventListener("triptych-done", this.onDone);
    this.pane.cancel();
    // Later, and only if it is still gone: moving an element disconnects and connects it.
    setTimeout(async () => {
      await this.current;
      if (!this.isConnected) this.run.end();
    });
  }

  /** Writes what the autoregressive pane has written, which writes first where it hasn't yet. Never rejects. */
  async write(): Promise<void> {
    if (this.reference?.outcome) return this.writeAlike(this.reference);
    await this.compared?.generate();
    if (this.reference) return;
    await this.pane.writeElsewhere(() => Promise.reject(new InvalidOptionError(NOTHING_BESIDE)), "");
  }

  onPaneEvent(): void {}

  onPaneError(): void {}

  private readonly onEvent = ({ detail: { pane, event } }: CustomEvent<PaneEventDetail>): void => {
    if (event.type !== "start") return;
    // Another decoder's text isn't what is compared.
    if (this.reference?.pane === pane) this.forget();
    if (event.decoder !== PLAIN) return;
    // Its time would be that of two runs at a time.
    this.pane.cancel();
    // What it shows was written beside another text.
    this.pane.badge = null;
    this.requestUpdate();
    const url = this.compared?.modelUrl(pane);
    const promptIds = event.edits.flatMap((edit) => (edit.op === "insert" && edit.token !== null ? [edit.token] : []));
    const prompt = event.pieces.map(({ text }) => text).join("");
    this.reference = url ? { pane, url, promptIds, prompt, options: event.options, outcome: null } : null;
  };

  private readonly onDone = ({ detail }: CustomEvent<PaneOutcomes>): void => {
    const { reference } = this;
    const outcome = reference && detail[reference.pane];
    if (!outcome) return;
    if ("error" in outcome) return this.forget();
    reference.outcome = outcome;
    if (outcome.reason !== "cancelled") void this.writeAlike(reference);
  };

  /** There is no text any more that this one would be like. */
  private forget(): void {
    this.reference = null;
    this.pane.badge = null;
    this.requestUpdate();
  }

  private writeAlike(reference: Reference): Promise<void> {
    const previous = this.current;
    this.pane.cancel();
    this.current = (async () => {
      await previous;
      const { url, promptIds, options, prompt } = reference;
      const job = { url, promptIds, options, device: this.device };
      await this.pane.writeElsewhere(async (tell, signal) => {
        const onStage = (stage: string) => {
          this.stage = stage;
        };
        onStage("Downloading transformers.js");
        await this.run.write(job, signal, onStage, tell);
      }, prompt);
      this.stage = "";
      this.pane.badge = compareIds(cutOf(reference), this.pane.outcome);
      this.requestUpdate();
    })();
    return this.current;
  }

  protected override render(): TemplateResult {
    const { pane, stage, reference } = this;
    const { outcome, status, isBusy, tally } = pane;
    const length = Number(reference?.options.max_new_tokens ?? 0) || undefined;
    const said =
      outcome && !isBusy
        ? `transformers.js: ${status}, ${counted(tally.tokens, "token")}. ${pane.badge?.text ?? ""}`
        : "";
    return html`<div class="panes single">${renderPane(
      pane,
      length,
      html`<div class="act">
        <label class="field"><span>Device</span><select name="device" ?disabled=${isBusy}
          @change=${(event: Event) => {
            this.device = (event.target as HTMLSelectElement).value as PeerDevice;
          }}>
          ${PEER_DEVICES.map((name) => html`<option value=${name} ?selected=${name === this.device}>${name}</option>`)}
        </select></label>
        <button type="button" class="go" ?disabled=${isBusy} @click=${() => this.write()}>Write with transformers.js</button>
        <button type="button" class="halt" ?disabled=${!isBusy} @click=${() => pane.cancel()}>Stop transformers.js</button>
        ${stage && pane.fidelity === null ? html`<span role="status">${stage} …</span>` : nothing}
      </div>`,
    )}</div>
    <div class="unseen" role="status">${said}</div>`;
  }
}

/** How the reference ended, to be compared: at a stop text, behind which transformers.js writes on, it was cut. */
function cutOf({ outcome, options }: Reference): PaneOutcome | null {
  if (!outcome || "error" in outcome || outcome.reason !== "stop") return outcome;
  return (options.stop as readonly string[] | undefined)?.length ? { ...outcome, reason: "cancelled" } : outcome;
}

customElements.define("triptych-peer", PeerElement);
