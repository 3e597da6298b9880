import type { LitElement, ReactiveController } from "lit";
import type { DecoderInfo } from "../worker/client.js";
import type { Settings } from "./address.js";

/** How often an address may change: browsers bound it. */
const DELAY_MS = 300;

/** Settings of an element that are kept in the page's address. */
export interface KeptSettings {
  /** Whether they are. */
  isKept(): boolean;
  /** What they are read by; empty until it is known. */
  tables(): readonly DecoderInfo[];
  /** The panes' decoders unless the address says otherwise, in reading order. */
  decoders(): readonly string[];
  /** What differs from what the element has without an address. */
  settings(): Settings;
  /** Takes over the prompt alone, which all else stands below. */
  takePrompt(prompt: string): void;
  /** Takes over what the address holds; `refused`: in words what it holds besides. */
  take(settings: Settings, refused: readonly string[]): void;
}

/** Reads an element's settings from the page's address once, and writes them there whenever they have changed. */
export class AddressKeeper implements ReactiveController {
  /** Loaded where it is asked for: most pages keep nothing. */
  private format: typeof import("./address.js") | null = null;
  private reading: Promise<void> | null = null;
  private writing: ReturnType<typeof setTimeout> | undefined;

  constructor(
    host: LitElement,
    private readonly kept: KeptSettings,
  ) {
    host.addController(this);
  }

  /** Resolves once the element has what the address holds: at once where none is kept. The tables must be there. */
  async settle(): Promise<void> {
    if (!this.kept.isKept()) return;
    this.reading ??= this.read();
    await this.reading;
  }

  hostConnected(): void {
    if (!this.kept.isKept() || this.reading) return;
    // Before the first drawing: a prompt of other lines that came later would move the page.
    const prompt = new URLSearchParams(location.search).get("prompt");
    if (prompt !== null) this.kept.takePrompt(prompt);
  }

  hostUpdate(): void {
    if (this.kept.tables().length > 0) void this.settle();
  }

  hostUpdated(): void {
    if (!this.kept.isKept() || !this.reading) return;
    clearTimeout(this.writing);
    this.writing = setTimeout(() => this.write(), DELAY_MS);
  }

  hostDisconnected(): void {
    clearTimeout(this.writing);
  }

  private async read(): Promise<void> {
    this.format = await import("./address.js");
    const parameters = new URLSearchParams(location.search);
    const { settings, refused } = this.format.fromParameters(parameters, this.kept.tables(), this.kept.decoders());
    this.kept.take(settings, refused);
  }

  private write(): void {
    if (!this.format) return;
    const parameters = this.format.toParameters(this.kept.settings());
    const search = parameters.size > 0 ? `?${parameters}` : "";
    if (search !== location.search) history.replaceState(history.state, "", location.pathname + search + location.hash);
  }
}
