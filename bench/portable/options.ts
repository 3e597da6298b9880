import { parseArgs } from "node:util";

/** What the report's command line asks for. */
export interface PortableOptions {
  /** Files without `.json` and `.md`. */
  out: string;
  rounds: number;
  /** Null: as the adapter can bear. */
  layers: number | null;
  /** For each section. */
  minutes: number;
  /** Sections by name; null: all. What the file has of the others stays. */
  only: string[] | null;
}

/** Shown for `--help` and behind what is wrong. */
export const usage = (names: readonly string[]): string =>
  [
    "usage: ./run.sh [--out FILE] [--rounds N] [--layers N] [--minutes N] [--only NAME,NAME]",
    "  --out      the report's files without .json and .md (default: triptych-report)",
    "  --rounds   rounds that count (default 5)",
    "  --layers   layers of the model of random weights (default: 28, on a software adapter 2)",
    "  --minutes  that a section may take (default 10)",
    `  --only     some of ${names.join(", ")};`,
    "             of the others the report keeps what it has",
    "Ctrl+C stops it; what is done by then is in the report. TRIPTYCH_ADAPTER=swiftshader takes Chromium's CPU adapter.",
  ].join("\n");

/** Reads a command line; null when it asks for help. Throws with what is allowed. */
export function parseOptions(args: readonly string[], names: readonly string[]): PortableOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      out: { type: "string", default: "triptych-report" },
      rounds: { type: "string", default: "5" },
      layers: { type: "string" },
      minutes: { type: "string", default: "10" },
      only: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return null;
  const only = values.only?.split(",") ?? null;
  const unknown = only?.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: sections are ${names.join(", ")}`);
  return {
    out: values.out,
    rounds: count("--rounds", values.rounds),
    layers: values.layers === undefined ? null : count("--layers", values.layers),
    minutes: count("--minutes", values.minutes),
    only,
  };
}

function count(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`${flag} takes a whole number of 1 or more, got ${text}`);
}
