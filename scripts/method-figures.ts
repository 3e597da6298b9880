import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Method, MethodFigure } from "../src/decode/methods.js";

const results = path.join(import.meta.dirname, "../bench/results");

interface Row {
  name?: string;
  way?: string;
  workload?: string;
  tokens: number;
  forwards: number;
  nll?: number | { value: number };
}
type Recording = { date: string } & Partial<Record<"results" | "laws", readonly Row[]>>;

/** Methods with the figures of the newest recordings; null where a method names none. Throws where it names a row that none has. */
export function withFigures(methods: readonly Method[]): (Omit<Method, "bench"> & { figure: MethodFigure | null })[] {
  return methods.map(({ bench, ...method }) => ({ ...method, figure: bench ? figureOf(bench) : null }));
}

function figureOf({ kind, row }: NonNullable<Method["bench"]>): MethodFigure {
  const { date, results: rows, laws } = newest(kind);
  const found = (laws ?? rows ?? []).find(
    ({ name, way, workload }) => (name ?? way) === row && (workload ?? "story") === "story",
  );
  if (!found) throw new Error(`No recording of ${kind} has "${row}".`);
  const { tokens, forwards, nll } = found;
  const nats = typeof nll === "object" ? nll.value : (nll ?? null);
  const round = (value: number) => Number(value.toPrecision(3));
  return {
    benchmark: kind,
    date,
    row,
    tokensPerForward: round(tokens / forwards),
    nats: nats === null ? null : round(nats),
  };
}

function newest(kind: MethodFigure["benchmark"]): Recording {
  const names = readdirSync(results).filter((name) => new RegExp(`^${kind}-[\\d-]+\\.json$`).test(name));
  const last = names.sort().at(-1);
  if (!last) throw new Error(`There is no recording of ${kind}.`);
  return JSON.parse(readFileSync(path.join(results, last), "utf8")) as Recording;
}
