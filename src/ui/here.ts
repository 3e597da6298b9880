import { html, nothing, type TemplateResult } from "lit";
import type { Chosen } from "../vocabulary/chosen.js";
import type { DecoderInfo, Offers } from "../worker/client.js";
import { commonOptions, type Group, isEmpty, renderOptions, SHARED } from "./controls.js";
import type { Pane } from "./pane.js";
import { hereWords } from "./words/first.js";

type Option = DecoderInfo["options"][string];

/** The options of a decoder that others have as well, with the same meaning: those that a pane takes from the page, or sets for itself. */
export function optionsHere(infos: readonly DecoderInfo[], decoder: string): [string, Option][] {
  const table = infos.find(({ name }) => name === decoder)?.options ?? {};
  return commonOptions(infos).flatMap(([name]) =>
    table[name] && table[name].ownMeaning === undefined ? [[name, table[name]]] : [],
  );
}

/** What is set for a pane alone in place of the page's, as far as its decoder takes it. */
export function setHere(pane: Pane, infos: readonly DecoderInfo[]): Chosen {
  const chosen = pane.chosenOf(SHARED);
  const names = optionsHere(infos, pane.decoder).map(([name]) => name);
  return Object.fromEntries(names.flatMap((name) => (name in chosen ? [[name, chosen[name]]] : [])));
}

/** Whether a decoder takes one value of an option alone. */
function isFixed(option: Option): boolean {
  return "min" in option && option.min !== undefined && option.min === option.max;
}

/** What a pane doesn't have as the page has it, and the controls for it. `page`: the page's own values. */
export function renderHere(
  pane: Pane,
  infos: readonly DecoderInfo[],
  { page, leftOut, offers }: { page: Chosen; leftOut: Readonly<Record<string, string>>; offers: Offers | null },
): TemplateResult | typeof nothing {
  const table = optionsHere(infos, pane.decoder);
  if (table.length === 0) return nothing;
  const chosen = setHere(pane, infos);
  const fixed = table.filter(([, option]) => isFixed(option));
  const closed = Object.fromEntries(fixed.map(([name, { doc }]) => [name, doc]));
  const group: Group = {
    title: "This pane alone",
    of: pane.label,
    // What isn't set here is as the page has it, unless the decoder knows one value.
    options: table.map(([name, option]) => [name, isFixed(option) ? option : withDefault(option, page[name])]),
    chosen,
    offers: { refusal: null, values: {}, ...offers, closed: { ...offers?.closed, ...closed } },
    fold: pane.fold,
    onChange: (next) => pane.choose(SHARED, { ...without(pane.chosenOf(SHARED), chosen), ...next }),
  };
  const set = table.flatMap(([name, { label }]) =>
    name in chosen ? [`${label} ${show(chosen[name])}, set for this pane.`] : [],
  );
  return html`${renderLeftOut(leftOut, set)}${renderOptions(group)}`;
}

/** Why a pane does without options of the page, and what else it has in their place. */
export function renderLeftOut(
  leftOut: Readonly<Record<string, string>>,
  set: readonly string[] = [],
): TemplateResult | typeof nothing {
  const lines = [...set, ...Object.entries(leftOut).map(([name, reason]) => hereWords.notTaken(name, reason))];
  if (lines.length === 0) return nothing;
  return html`<ul part="here" class="here" aria-label=${hereWords.title}>${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
}

/** In which common options the runs differ that the panes show, in words; empty where they don't. */
export function differences(panes: readonly Pane[], infos: readonly DecoderInfo[]): string[] {
  const shown = panes.filter(({ written }) => written);
  return commonOptions(infos).flatMap(([name, { label }]) => {
    const told = shown.filter(({ decoder, written }) => written && name in written && isMeant(infos, decoder, name));
    const values = told.map(({ written }) => show(written?.[name]));
    if (new Set(values).size < 2) return [];
    return [`${label.toLowerCase()} ${told.map(({ label: of }, i) => `${values[i]} in ${of}`).join(", ")}`];
  });
}

/** Whether the runs that two panes show had the same common options: else their texts have no reason to agree. */
export function isSameTask(one: Pane, other: Pane, infos: readonly DecoderInfo[]): boolean {
  return differences([one, other], infos).length === 0;
}

function isMeant(infos: readonly DecoderInfo[], decoder: string, name: string): boolean {
  return optionsHere(infos, decoder).some(([one]) => one === name);
}

function withDefault(option: Option, value: unknown): Option {
  return value === undefined ? option : ({ ...option, default: value } as Option);
}

function without(chosen: Chosen, names: Chosen): Chosen {
  return Object.fromEntries(Object.entries(chosen).filter(([name]) => !(name in names)));
}

function show(value: unknown): string {
  if (isEmpty(value)) return "none";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
