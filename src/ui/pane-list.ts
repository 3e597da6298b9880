import type { DecoderInfo } from "../worker/client.js";
import { SHARED } from "./controls.js";
import { COMPARED, kindOf, MOST_PANES } from "./default-panes.js";
import { Pane, type PaneHost } from "./pane.js";

/** The panes of a comparison, in reading order: one to six, each with a name and a label that no other one has. */
export class PaneList {
  /** All of them. */
  all: readonly Pane[] = [];
  /** By pane: which one of those that would have its name it is, from 1 on. */
  private readonly numbers = new WeakMap<Pane, number>();

  /** `tables`: all decoders, none until they are known. `onNew`: told of each pane in which nothing is set yet. */
  constructor(
    private readonly host: PaneHost,
    private readonly tables: () => readonly DecoderInfo[],
    private readonly onNew: (pane: Pane) => void,
  ) {}

  /** Whether there is room for another. */
  get hasRoom(): boolean {
    return this.all.length < MOST_PANES;
  }

  /** Has as many panes as there are decoders here, in their order; a pane that would have its name and decoder again stays as it is. */
  become(decoders: readonly string[]): void {
    const before = this.all;
    this.all = [];
    for (const decoder of decoders.slice(0, MOST_PANES)) {
      const name = nameOf(decoder, this.freeNumber(decoder));
      const same = before.find((pane) => pane.name === name && pane.decoder === decoder);
      this.all = [...this.all, same ?? this.make(decoder)];
    }
    for (const pane of before) if (!this.all.includes(pane)) this.letGo(pane);
    // A pane that was there before the tables were has the decoder's name for a label.
    this.describeAll();
    this.host.requestUpdate();
  }

  /** A new pane behind the others. */
  add(decoder: string): Pane {
    return this.insert(this.all.length, decoder);
  }

  /** A new pane behind this one, with its decoder and all that is set in it. */
  duplicate(pane: Pane): Pane {
    const twin = this.insert(this.all.indexOf(pane) + 1, pane.decoder);
    for (const group of [SHARED, ...this.tables().map(({ name }) => name)]) {
      twin.choose(group, pane.chosenOf(group));
    }
    return twin;
  }

  /** Takes a pane away, unless it is the last one; what it does ends. */
  remove(pane: Pane): void {
    if (this.all.length === 1) return;
    this.all = this.all.filter((one) => one !== pane);
    this.letGo(pane);
    this.host.requestUpdate();
  }

  /** Has a pane write by another decoder next. */
  change(pane: Pane, decoder: string): void {
    if (pane.decoder === decoder) return;
    const others = this.all.filter((one) => one !== pane);
    pane.decoder = decoder;
    this.numbers.set(pane, this.freeNumber(decoder, others));
    this.describe(pane);
  }

  /** Takes labels and kinds from the decoders' tables. */
  describeAll(): void {
    for (const pane of this.all) this.describe(pane);
  }

  private insert(at: number, decoder: string): Pane {
    const pane = this.make(decoder);
    this.all = this.all.toSpliced(at, 0, pane);
    this.host.requestUpdate();
    return pane;
  }

  private make(decoder: string): Pane {
    const number = this.freeNumber(decoder);
    const pane = new Pane(nameOf(decoder, number), "", decoder, this.host);
    this.numbers.set(pane, number);
    this.describe(pane);
    this.onNew(pane);
    return pane;
  }

  private describe(pane: Pane): void {
    const number = this.numbers.get(pane) ?? 1;
    const info = this.tables().find(({ name }) => name === pane.decoder);
    const label = defaultOf(pane.decoder)?.label ?? info?.label ?? pane.decoder;
    pane.name = nameOf(pane.decoder, number);
    pane.label = number === 1 ? label : `${label} ${number}`;
    pane.kind = info ? kindOf(info) : (defaultOf(pane.decoder)?.kind ?? null);
  }

  /** The first number that makes a name which none of these panes has. */
  private freeNumber(decoder: string, panes: readonly Pane[] = this.all): number {
    let number = 1;
    while (panes.some(({ name }) => name === nameOf(decoder, number))) number++;
    return number;
  }

  /** What it loads or writes ends; models that it takes meanwhile are given back when the race that it is in has ended. */
  private letGo(pane: Pane): void {
    const isBusy = pane.isBusy;
    pane.cancel();
    if (!isBusy) pane.release();
  }
}

function nameOf(decoder: string, number: number): string {
  const name = defaultOf(decoder)?.name ?? decoder;
  return number === 1 ? name : `${name}-${number}`;
}

const defaultOf = (decoder: string) => COMPARED.find((one) => one.decoder === decoder);
