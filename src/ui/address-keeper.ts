import type { LitElement, ReactiveController } from "lit";
import type { DecoderInfo } from "../worker/client.js";
import type { Settings } from "./address.js";
import { packedIn, takeAnew, withPacked } from "./in-address.js";

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
  /** Takes over what decides how much room the page takes: the prompt, and how many panes there are. Both as they were written, unchecked. */
  takeFirst(prompt: string | undefined, panes: string | undefined): void;
  /** Takes over what the address holds; `refused`: in words what it holds besides. */
  take(settings: Settings, refused: readonly string[]): void;
}

/** Reads an element's settings from the page's address once, and writes them there whenever they have changed. */
export class AddressKeeper implements ReactiveController {
  /** Loaded where it is asked for: most pages keep nothing. */
  private toAddress: ((settings: Settings) => Promise<string>) | null = null;
  private reading: Promise<void> | null = null;
  private writing: ReturnType<typeof setTimeout> | undefined;
  /** How often the address was to be written: packing takes its time, and only the latest one counts. */
  private writes = 0;
  /** What the page was opened with; of a packed part once that is unpacked. */
  private opened: Promise<{ parameters: URLSearchParams; fault: string[] }> | null = null;
  /** Settles once what the first drawing needs is here. */
  first: Promise<void> | null = null;

  constructor(
    private readonly host: LitElement,
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
    if (!this.kept.isKept()) return;
    addEventListener("hashchange", takeAnew);
    if (this.reading) return;
    // Before the first drawing: a prompt of other lines, or other panes, that came later would move the page.
    const packed = packedIn(location.hash);
    const query = new URLSearchParams(location.search);
    if (packed === null) this.takeFirst(query);
    this.opened = opened(query, packed);
    // What can't be fetched keeps nothing from being drawn.
    const first = packed === null ? null : this.opened.then(({ parameters }) => this.takeFirst(parameters));
    this.first = first?.catch(() => {}) ?? null;
  }

  hostUpdate(): void {
    if (this.kept.tables().length > 0) void this.settle();
  }

  hostUpdated(): void {
    if (!this.kept.isKept() || !this.reading) return;
    clearTimeout(this.writing);
    this.writing = setTimeout(() => void this.write(), DELAY_MS);
  }

  hostDisconnected(): void {
    clearTimeout(this.writing);
    removeEventListener("hashchange", takeAnew);
  }

  private takeFirst(parameters: URLSearchParams): void {
    this.kept.takeFirst(parameters.get("prompt") ?? undefined, parameters.get("panes") ?? undefined);
  }

  private async read(): Promise<void> {
    this.opened ??= opened(new URLSearchParams(location.search), packedIn(location.hash));
    const { fromParameters, toAddress } = await import("./address.js");
    const { parameters, fault } = await this.opened;
    const { settings, refused } = fromParameters(parameters, this.kept.tables(), this.kept.decoders());
    this.kept.take(settings, [...fault, ...refused]);
    this.toAddress = toAddress;
  }

  private async write(): Promise<void> {
    const write = ++this.writes;
    const address = await this.toAddress?.(this.kept.settings());
    if (address === undefined || write !== this.writes || !this.host.isConnected) return;
    const [search, packed] = address.startsWith("#") ? ["", address] : [address, ""];
    const now = search + withPacked(location.hash, packed);
    if (now !== location.search + location.hash) history.replaceState(history.state, "", location.pathname + now);
  }
}

async function opened(parameters: URLSearchParams, packed: string | null) {
  if (packed === null) return { parameters, fault: [] };
  const { unpack } = await import("./packed-address.js");
  const held = await unpack(packed);
  if (typeof held === "string") return { parameters, fault: [held] };
  // What is written out goes before what is packed.
  for (const [name, value] of parameters) held.set(name, value);
  return { parameters: held, fault: [] };
}
