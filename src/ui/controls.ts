import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { repeat } from "lit/directives/repeat.js";
import { ref } from "lit/directives/ref.js";
import type { DecoderInfo } from "../worker/client.js";

type Option = DecoderInfo["options"][string];

/** Values that a person has set, by option name; an option that isn't there has its default. */
export type Chosen = Record<string, unknown>;

/** Options that are set beside the prompt; `infill` by a hole in it. */
const FRONT = new Set(["max_new_tokens", "temperature", "seed", "infill"]);

/** Splits the decoders' tables: options that all of them take, and each decoder's own. */
export function splitOptions(infos: readonly DecoderInfo[]): {
  common: [string, Option][];
  own: Map<string, [string, Option][]>;
} {
  const isCommon = (name: string) => infos.length > 1 && infos.every(({ options }) => name in options);
  const common = Object.entries(infos[0]?.options ?? {}).filter(([name]) => isCommon(name) && !FRONT.has(name));
  const own = new Map(
    infos.map(({ name, options }) => [
      name,
      Object.entries(options).filter(([option]) => !isCommon(option) && !FRONT.has(option)),
    ]),
  );
  return { common, own };
}

/** The options that apply beside these values and the defaults of what has none: the others would be refused. */
export function applicable(options: [string, Option][], values: Chosen): [string, Option][] {
  const table = new Map(options);
  return options.filter(([, { when = {} }]) =>
    Object.entries(when).every(([name, wanted]) => wanted.includes(String(values[name] ?? table.get(name)?.default))),
  );
}

/** `chosen` with one value set (`undefined`: its default), less what then no longer applies. */
export function withChoice(options: [string, Option][], chosen: Chosen, name: string, value: unknown): Chosen {
  const { [name]: _, ...rest } = chosen;
  const next = value === undefined ? rest : { ...rest, [name]: value };
  const shown = new Set(applicable(options, next).map(([option]) => option));
  return Object.fromEntries(Object.entries(next).filter(([option]) => shown.has(option)));
}

/** A folded group of controls made from an option table; nothing when the table is empty. `undefined` means the default. */
export function renderOptions(
  title: string,
  options: [string, Option][],
  chosen: Chosen,
  onChange: (chosen: Chosen) => void,
): TemplateResult | typeof nothing {
  if (options.length === 0) return nothing;
  const shown = applicable(options, chosen);
  const count = Object.keys(chosen).length;
  return html`<details class="more">
    <summary>${title}${count > 0 ? html` <span class="count">${count} set</span>` : nothing}</summary>
    <div class="fields">
      ${repeat(
        shown,
        ([name]) => name,
        ([name, option]) =>
          renderOption(name, option, chosen[name], (value) => onChange(withChoice(options, chosen, name, value))),
      )}
    </div>
  </details>`;
}

function renderOption(
  name: string,
  option: Option,
  value: unknown,
  onChange: (value: unknown) => void,
): TemplateResult {
  return html`<label class="field" title=${option.doc}>
    <span>${option.label}</span>${renderInput(name, option, value, onChange)}
  </label>`;
}

function renderInput(name: string, option: Option, value: unknown, onChange: (value: unknown) => void): TemplateResult {
  switch (option.type) {
    case "boolean":
      return html`<input name=${name} type="checkbox" .checked=${live(Boolean(value ?? option.default))}
        @change=${(event: Event) => onChange((event.target as HTMLInputElement).checked)} />`;
    case "enum":
      return html`<select name=${name}
        @change=${(event: Event) => onChange((event.target as HTMLSelectElement).value || undefined)}>
        ${option.default === null ? html`<option value="">auto</option>` : nothing}
        ${option.values.map((choice) => html`<option ?selected=${choice === (value ?? option.default)}>${choice}</option>`)}
      </select>`;
    case "integer":
    case "number":
      return html`<input name=${name} type="number" step=${option.type === "integer" ? 1 : "any"}
        placeholder=${option.default === undefined || option.default === null ? "auto" : String(option.default)}
        ${ref(showNumber(value))}
        @input=${(event: Event) => onChange(readNumber(event.target as HTMLInputElement))} />`;
    case "strings":
    case "ids":
      return html`<input name=${name} type="text" placeholder="none" .value=${live(String(value ?? ""))}
        @input=${(event: Event) => onChange((event.target as HTMLInputElement).value || undefined)} />`;
    case "map":
      return html`<input name=${name} type="text" placeholder=${`${option.form}, …`}
        @input=${(event: Event) => onChange(readMap((event.target as HTMLInputElement).value))} />`;
  }
}

/**
 * Shows `value` in a number field, unless the field says so already: what a person is typing ("0." on the way to 0.7)
 * must not be rewritten under their hands. For lit's `ref`.
 */
export function showNumber(value: unknown): (field?: Element) => void {
  return (field) => {
    if (!(field instanceof HTMLInputElement) || Object.is(readNumber(field), value)) return;
    field.value = value === undefined || Number.isNaN(value) ? "" : String(value);
  };
}

/** What a number field holds: nothing, a number, or NaN for what isn't one (the decoder's check then names the option). */
export function readNumber(input: { value: string; validity: { badInput: boolean } }): number | undefined {
  if (input.validity.badInput) return Number.NaN;
  return input.value.trim() === "" ? undefined : Number(input.value);
}

/** `"5:-2, 9:1.5"` as a map from token id to bias; nothing written is `undefined`. */
export function readMap(text: string): Record<string, number> | undefined {
  const pairs = text.split(",").filter((part) => part.trim() !== "");
  if (pairs.length === 0) return undefined;
  return Object.fromEntries(
    pairs.map((pair) => {
      const [id, bias] = pair.split(":");
      return [id.trim(), Number(bias)];
    }),
  );
}
