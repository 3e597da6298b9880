/** What this needs to know of an option: its default, and beside which values of others it means anything. */
interface Conditional {
  default: unknown;
  when?: Readonly<Record<string, readonly string[]>>;
}

/** Values that a person has set, by option name; an option that isn't there has its default. */
export type Chosen = Readonly<Record<string, unknown>>;

/** The options that apply beside these values and the defaults of what has none: the others would be refused. */
export function applicable<T extends Conditional>(options: readonly [string, T][], values: Chosen): [string, T][] {
  const table = new Map(options);
  return options.filter(([, { when = {} }]) =>
    Object.entries(when).every(([name, wanted]) => wanted.includes(String(values[name] ?? table.get(name)?.default))),
  );
}

/** `chosen` with one value set (`undefined`: its default), less what then no longer applies. */
export function withChoice(
  options: readonly [string, Conditional][],
  chosen: Chosen,
  name: string,
  value: unknown,
): Chosen {
  const { [name]: _, ...rest } = chosen;
  const next = value === undefined ? rest : { ...rest, [name]: value };
  const shown = new Set(applicable(options, next).map(([option]) => option));
  return Object.fromEntries(Object.entries(next).filter(([option]) => shown.has(option)));
}
