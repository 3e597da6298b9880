import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { repeat } from "lit/directives/repeat.js";
import { ref } from "lit/directives/ref.js";
import { applicable, type Chosen, withChoice } from "../vocabulary/chosen.js";
import type { DecoderInfo, Offers } from "../worker/client.js";
import { readMap, showMap, writeMap } from "./map-field.js";
import { readNumber, showNumber } from "./number-field.js";
import { controlWords } from "./words/first.js";

type Option = DecoderInfo["options"][string];

/** A table's options by name, in its order. */
export type Options = readonly (readonly [string, Option])[];

/** What a group of controls shows and says. */
export interface Group {
  title: string;
  options: [string, Option][];
  chosen: Chosen;
  /** What could be chosen; null while that isn't known. */
  offers: Offers | null;
  onChange(chosen: Chosen): void;
  /** Stands before the controls. */
  first?: TemplateResult | typeof nothing;
  /** Whose options they are, where others on the page have the same names. */
  of?: string;
  /** Left out: the controls are made while they are folded. */
  fold?: Fold;
  /** Names of those that stand first, the others behind "More options"; left out: all stand first that have no heading. */
  foremost?: readonly string[];
}

/** Whether controls are unfolded; those of some groups are made only then. */
export interface Fold {
  isOpen: boolean;
  onToggle(isOpen: boolean): void;
}

/** The group of the options that every decoder takes. */
export const SHARED = "common";

/** Options that are set beside the prompt. */
const FRONT = new Set(["max_new_tokens", "temperature", "seed"]);
/** Set by a hole in the prompt. */
const INFILL = "infill";

/** By the decoders' tables, which are asked for at every drawing and never change: what is found in them. */
const foundIn = new WeakMap<readonly DecoderInfo[], { common?: [string, Option][]; split?: SplitOptions }>();

function found(infos: readonly DecoderInfo[]): { common?: [string, Option][]; split?: SplitOptions } {
  const known = foundIn.get(infos) ?? {};
  foundIn.set(infos, known);
  return known;
}

/** The options that all decoders have by their names, as the first one has them. */
export function commonOptions(infos: readonly DecoderInfo[]): [string, Option][] {
  const known = found(infos);
  known.common ??= findCommon(infos);
  return known.common;
}

function findCommon(infos: readonly DecoderInfo[]): [string, Option][] {
  const isCommon = (name: string) => infos.length > 1 && infos.every(({ options }) => name in options);
  return Object.entries(infos[0]?.options ?? {}).filter(([name]) => isCommon(name) && name !== INFILL);
}

interface SplitOptions {
  common: [string, Option][];
  own: Map<string, [string, Option][]>;
}

/** Splits the decoders' tables: options that all of them take, and each decoder's own, of which one may have a common one's name. */
export function splitOptions(infos: readonly DecoderInfo[]): SplitOptions {
  const known = found(infos);
  known.split ??= findSplit(infos);
  return known.split;
}

function findSplit(infos: readonly DecoderInfo[]): SplitOptions {
  const all = commonOptions(infos);
  const names = new Set(all.map(([name]) => name));
  const isOwn = (name: string, { ownMeaning }: Option) =>
    names.has(name) ? ownMeaning !== undefined : !FRONT.has(name) && name !== INFILL;
  const own = new Map(
    infos.map(({ name, options }) => [name, Object.entries(options).filter(([one, option]) => isOwn(one, option))]),
  );
  return { common: all.filter(([name]) => !FRONT.has(name)), own };
}

/** Controls made from an option table, folded; nothing when the table is empty. `undefined` means the default. */
export function renderOptions(group: Group): TemplateResult | typeof nothing {
  const { title, options, chosen, first = nothing, fold } = group;
  if (options.length === 0 && first === nothing) return nothing;
  const { front, rest } = splitForemost(applicable(options, chosen), chosen, group.foremost);
  const isMade = fold?.isOpen ?? true;
  return html`<details class="more" @toggle=${(event: Event) => fold?.onToggle((event.target as HTMLDetailsElement).open)}>
    <summary>${title}${renderCount(Object.keys(chosen).length)}</summary>
    <div class="fields">${first}${isMade ? renderFields(group, front) : nothing}</div>
    ${group.foremost && rest.length > 0 ? renderInner(group, controlWords.more, rest, renderHeadings(group, rest)) : renderHeadings(group, rest)}
  </details>`;
}

/**
 * Of the options that apply, those that stand first and the rest: first are those of these names, in the names' order, and what only a chosen value of
 * these asks for.
 */
export function splitForemost(
  shown: Options,
  chosen: Chosen,
  foremost: readonly string[] | undefined,
): { front: Options; rest: Options } {
  const isAskedFor = ({ group, when = {} }: Option) =>
    group === undefined && (!foremost || Object.keys(when).some((name) => foremost.includes(name) && name in chosen));
  const named = (foremost ?? []).flatMap((name) => shown.filter(([one]) => one === name));
  const others = shown.filter((one) => !named.includes(one));
  const front = [...named, ...others.filter(([, option]) => isAskedFor(option))];
  return { front, rest: others.filter((one) => !front.includes(one)) };
}

/** The options that have a heading, each folded under its own. */
function renderHeadings(group: Group, options: Options): unknown {
  const headings = [...new Set(options.flatMap(([, option]) => option.group ?? []))];
  return repeat(
    headings,
    (heading) => heading,
    (heading) => {
      const own = options.filter(([, option]) => option.group === heading);
      return renderInner(group, heading, own, nothing, own);
    },
  );
}

/** A fold within the fold, which is open while it holds what a person has changed. `fields`: those of it without a heading of their own. */
function renderInner(
  group: Group,
  title: string,
  options: Options,
  inner: unknown,
  fields = options.filter(([, option]) => option.group === undefined),
): TemplateResult {
  const count = options.filter(([name]) => name in group.chosen).length;
  return html`<details class="more inner" ${ref((element) => {
    if (element instanceof HTMLDetailsElement && count > 0) element.open = true;
  })}>
    <summary>${title}${renderCount(count)}</summary>
    <div class="fields">${renderFields(group, fields)}</div>
    ${inner}
  </details>`;
}

function renderCount(count: number): TemplateResult | typeof nothing {
  return count > 0 ? html` <span class="count">${controlWords.set(count)}</span>` : nothing;
}

function renderFields(group: Group, options: Options): unknown {
  return repeat(
    options,
    ([name]) => name,
    ([name, option]) => renderOption(group, name, option),
  );
}

function renderOption({ options, chosen, offers, of, onChange }: Group, name: string, option: Option): TemplateResult {
  const values = offers?.values[name] ?? {};
  const value = chosen[name];
  // What has been set can be taken back, whatever is said of it.
  const closed = value === undefined ? offers?.closed[name] : undefined;
  const isRefused = offers?.refusal?.message.startsWith(`${name} can't be `) ?? false;
  const change = (next: unknown) => {
    const offer = option.type === "enum" ? values[String(next)] : undefined;
    // Where a choice needs others to change, they change with it.
    onChange(offer && "chosen" in offer ? offer.chosen : withChoice(options, chosen, name, next));
  };
  const reasons = Object.entries(values).flatMap(([one, offer]) => ("reason" in offer ? [[one, offer.reason]] : []));
  const refused = reasons.filter(([one]) => one !== value).map(([one]) => one);
  const isNone = value !== undefined && isEmpty(value);
  return html`<div class="field" title=${option.doc}>
    <label><span>${option.label}</span>${renderInput(name, option, value, change, {
      refused,
      isClosed: closed !== undefined || isNone,
      isRefused,
      spoken: of === undefined ? nothing : `${option.label}, ${of}`,
    })}</label>
    ${renderNone(option, isNone, of, change)}
    ${closed === undefined ? nothing : html`<small class="reason">${closed}</small>`}
    ${reasons.length === 0 ? nothing : renderReasons(reasons)}
  </div>`;
}

/** Whether a text or a map holds nothing. */
export function isEmpty(value: unknown): boolean {
  if (value instanceof Map) return value.size === 0;
  return value === null || value === "" || (typeof value === "object" && Object.keys(value).length === 0);
}

/** Clears a text or a map that isn't empty unless it is said so: an empty field says that it is as it would be. */
function renderNone(
  { type, label, default: usual }: Option,
  isNone: boolean,
  of: string | undefined,
  onChange: (value: unknown) => void,
): TemplateResult | typeof nothing {
  if ((type !== "map" && type !== "strings") || isEmpty(usual)) return nothing;
  const none = type === "map" ? {} : [];
  return html`<label class="none"><input type="checkbox" aria-label=${controlWords.noneOf(label, of)}
    .checked=${live(isNone)} @change=${(event: Event) => onChange((event.target as HTMLInputElement).checked ? none : undefined)} />
    <span>${controlWords.none}</span></label>`;
}

/** Why some values of a menu can't be chosen here, those of one reason together. */
function renderReasons(reasons: readonly string[][]): TemplateResult {
  const namesOf = (reason: string) => reasons.filter(([, other]) => other === reason).map(([name]) => name);
  return html`<details class="reason"><summary>${controlWords.notHere(reasons.length)}</summary>
    <dl>${[...new Set(reasons.map(([, reason]) => reason))].map(
      (reason) => html`<dt>${namesOf(reason).join(", ")}</dt><dd>${reason}</dd>`,
    )}</dl></details>`;
}

/** What is said of one control. `spoken`: its name for who doesn't see whose it is. */
interface Shown {
  refused: readonly string[];
  isClosed: boolean;
  isRefused: boolean;
  spoken: string | typeof nothing;
}

function renderInput(
  name: string,
  option: Option,
  value: unknown,
  onChange: (value: unknown) => void,
  { refused, isClosed, isRefused, spoken }: Shown,
): TemplateResult {
  switch (option.type) {
    case "boolean":
      return html`<input name=${name} aria-label=${spoken} type="checkbox" ?disabled=${isClosed} .checked=${live(Boolean(value ?? option.default))}
        @change=${(event: Event) => onChange((event.target as HTMLInputElement).checked)} />`;
    case "enum":
      return html`<select name=${name} aria-label=${spoken} ?disabled=${isClosed} .value=${live(String(value ?? option.default ?? ""))}
        @change=${(event: Event) => onChange((event.target as HTMLSelectElement).value || undefined)}>
        ${option.default === null ? html`<option value="">${controlWords.auto}</option>` : nothing}
        ${option.values.map(
          (choice) =>
            html`<option ?selected=${choice === (value ?? option.default)} ?disabled=${refused.includes(choice)}>${choice}</option>`,
        )}
      </select>`;
    case "integer":
    case "number":
      return html`<input name=${name} aria-label=${spoken} class="number" inputmode=${option.type === "integer" ? "numeric" : "decimal"}
        autocomplete="off" ?disabled=${isClosed} aria-invalid=${String(isRefused)}
        placeholder=${option.default === undefined || option.default === null ? "auto" : String(option.default)}
        ${ref(showNumber(value))}
        @input=${(event: Event) => onChange(readNumber((event.target as HTMLInputElement).value))} />`;
    case "strings":
    case "ids":
      return html`<input name=${name} aria-label=${spoken} type="text" placeholder=${isEmpty(option.default) ? "none" : String(option.default)} ?disabled=${isClosed} .value=${live(String(value ?? ""))}
        @input=${(event: Event) => onChange((event.target as HTMLInputElement).value || undefined)} />`;
    case "map":
      return html`<input name=${name} aria-label=${spoken} type="text" ?disabled=${isClosed}
        placeholder=${isEmpty(option.default) ? `${option.form}, …` : writeMap(option.default)} ${ref(showMap(value))}
        @input=${(event: Event) => onChange(readMap((event.target as HTMLInputElement).value))} />`;
  }
}
