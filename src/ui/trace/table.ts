/** Objects as columns: those of one shape have the same names, and the same values under the names that are `kinds`. */
export interface Table {
  /** Of each shape: its fixed values by name, and the names of its columns. */
  shapes: readonly { fixed: Readonly<Record<string, unknown>>; names: readonly string[] }[];
  /** The shape of each object. */
  which: readonly number[];
  /** By shape and name: its values, or (1) the differences of one from the one before. */
  columns: readonly (readonly [0 | 1, readonly unknown[]])[][];
}

interface Shape {
  fixed: Record<string, unknown>;
  names: string[];
  rows: object[];
  index: number;
}

/** Objects as a table: what repeats in them stands together, so that it compresses to a fraction. */
export function toTable(rows: readonly object[], kinds: readonly string[]): Table {
  const shapes = new Map<string, Shape>();
  const which = rows.map((row) => {
    const entries = Object.entries(row).filter(([, value]) => value !== undefined);
    const fixed = Object.fromEntries(entries.filter(([name]) => kinds.includes(name)));
    const names = entries.map(([name]) => name).filter((name) => !kinds.includes(name));
    const key = JSON.stringify([fixed, names]);
    const shape: Shape = shapes.get(key) ?? { fixed, names, rows: [], index: shapes.size };
    shapes.set(key, shape);
    shape.rows.push(row);
    return shape.index;
  });
  const found = [...shapes.values()];
  return {
    shapes: found.map(({ fixed, names }) => ({ fixed, names })),
    which,
    columns: found.map((shape) =>
      shape.names.map((name) => columnOf(shape.rows.map((row) => Reflect.get(row, name) as unknown))),
    ),
  };
}

/** The objects of a table. Throws, or gives others, where it is none. */
export function fromTable({ shapes, which, columns }: Table): object[] {
  const taken = shapes.map(() => 0);
  const values = columns.map((own) => own.map(valuesOf));
  return which.map((index) => {
    const { fixed, names } = shapes[index];
    const at = taken[index]++;
    // Not by assignment: a name may be one that objects inherit.
    return Object.fromEntries([...Object.entries(fixed), ...names.map((name, i) => [name, values[index][i][at]])]);
  });
}

function columnOf(values: unknown[]): [0 | 1, unknown[]] {
  if (!values.every((value) => Number.isSafeInteger(value))) return [0, values];
  return [1, (values as number[]).map((value, i) => (i === 0 ? value : value - (values[i - 1] as number)))];
}

function valuesOf([isDifferences, values]: readonly [0 | 1, readonly unknown[]]): readonly unknown[] {
  if (!isDifferences) return values;
  let sum = 0;
  return values.map((difference) => {
    sum += Number(difference);
    return sum;
  });
}
