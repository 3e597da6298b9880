import { html, type TemplateResult } from "lit";
import type { LoadProgress } from "../../worker/client.js";
import { loadText, Rate } from "./rate.js";
import { loadingWords } from "../words/models.js";

/** A load on its way: what has come, and its end by hand. */
export class Loading {
  private readonly abort = new AbortController();
  private readonly rate = new Rate();
  private file: string | null = null;
  private isWhole = false;

  constructor(
    readonly name: string,
    private readonly update: () => void,
  ) {}

  /** Aborts when the load is cancelled. */
  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** Takes news of the load. */
  readonly onProgress = ({ loadedBytes, totalBytes, file }: LoadProgress): void => {
    this.rate.add(loadedBytes, totalBytes, performance.now());
    this.file = file?.name ?? null;
    this.isWhole = totalBytes !== null && loadedBytes >= totalBytes;
    this.update();
  };

  /** Ends it. What has come stays: the next load goes on from there. */
  cancel(): void {
    this.abort.abort(new DOMException("The load was cancelled.", "AbortError"));
  }

  /** How far it is, and a button that ends it. */
  render(): TemplateResult {
    const { now } = this.rate;
    const isKnown = now.totalBytes !== null && now.totalBytes > 0;
    return html`<section aria-label=${loadingWords.title}>
      <p><strong>${loadingWords.of(this.name)}</strong></p>
      ${
        isKnown
          ? html`<progress aria-label=${loadingWords.bytesOf(this.name)} max=${now.totalBytes ?? 1} .value=${now.loadedBytes}></progress>`
          : html`<progress aria-label=${loadingWords.bytesOf(this.name)}></progress>`
      }
      <div class="row">
        <span class="note wide">${this.isWhole ? loadingWords.whole : loadText(now)}${this.file ? ` · ${this.file}` : ""}</span>
        <button type="button" class="halt" @click=${() => this.cancel()}>${loadingWords.cancel}</button>
      </div>
    </section>`;
  }
}
