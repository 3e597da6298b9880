import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { importRules, readRooms, roomOf } from "./rooms.mjs";

const sources = import.meta.glob<string>("../src/**/*.ts", { query: "?raw", import: "default", eager: true });
const list = readRooms();

/** What each file that is no test imports, by path from the root. */
const imports = new Map(
  Object.entries(sources)
    .filter(([file]) => !file.endsWith(".test.ts"))
    .map(([file, text]) => [file.slice(3), importsOf(file.slice(3), text)] as const),
);

function importsOf(file: string, text: string): string[] {
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"?]+)"/g)].map(([, specifier]) => specifier);
  return specifiers.map((specifier) => path.join(path.dirname(file), specifier).replace(/\.js$/, ".ts"));
}

/** The files that `entries` import, directly or through others. */
function reachable(entries: readonly string[]): Set<string> {
  const seen = new Set(entries);
  for (const file of seen) for (const other of imports.get(file) ?? []) seen.add(other);
  return seen;
}

/** Written by `npm run types`: one interface of all options, and by decoder which it takes. */
const GENERATED = "src/worker/decoder-options.ts";

function numLinesOf(file: string): number {
  return sources[`../${file}`].trimEnd().split("\n").length;
}

describe("rooms", () => {
  it("are linted as rooms.json says (npm run rooms)", () => {
    const { overrides } = JSON.parse(readFileSync("biome.json", "utf8"));
    expect(overrides).toEqual(importRules());
  });

  it("hold every folder of the sources", () => {
    const homeless = [...imports.keys()].filter((file) => file.split("/").length > 2 && !roomOf(file, list));
    expect(homeless).toEqual([]);
    const used = new Set([...imports.keys()].map((file) => roomOf(file, list)));
    expect(Object.keys(list.rooms).filter((room) => !used.has(room))).toEqual([]);
  });

  it("import only what rooms.json lets them", () => {
    const wrong = [...imports].flatMap(([file, targets]) => {
      const room = roomOf(file, list);
      if (!room) return [];
      const mayImport = (target: string) => {
        const other = roomOf(target, list);
        return other === room || (other && list.rooms[room].includes(other) && !list.entries.includes(target));
      };
      return targets
        .filter((target) => imports.has(target) && !mayImport(target))
        .map((target) => `${file} -> ${target}`);
    });
    expect(wrong).toEqual([]);
  });

  it("import nothing that only serves them: scripts, benchmarks, tests of the whole", () => {
    const servants = /^(scripts|bench|e2e)\//;
    expect([...imports].filter(([, targets]) => targets.some((target) => servants.test(target)))).toEqual([]);
  });

  it("have no circle of imports", () => {
    const circles = [...imports].filter(([file, targets]) => reachable(targets).has(file)).map(([file]) => file);
    expect(circles).toEqual([]);
  });

  it("have no way from a replay to what computes: a page that shows traces has no worker, and no decoder", () => {
    const beyond = [...reachable(["src/replay.ts"])].filter(
      (file) => !/^src\/(replay\.ts|ui\/|vocabulary\/)/.test(file),
    );
    expect(beyond).toEqual([]);
  });

  it("have thin doors: no file of cli or worker is over 100 lines, none imports the engine, a backend or a format", () => {
    const doors = ["cli", "worker"];
    const files = [...imports].filter(([file]) => doors.includes(roomOf(file, list) ?? ""));
    expect(files.length).toBeGreaterThan(30);
    const long = files.filter(([file]) => numLinesOf(file) > 100).map(([file]) => file);
    expect(long.filter((file) => file !== GENERATED)).toEqual([]);
    const rooms = new Set(files.flatMap(([, targets]) => targets.flatMap((target) => roomOf(target, list) ?? [])));
    expect([...rooms].sort()).toEqual(["cli", "decode", "runtime", "seam", "vocabulary", "worker"]);
    const engine = /^src\/(decode\/engine|backend|format)\//;
    expect(files.filter(([, targets]) => targets.some((target) => engine.test(target)))).toEqual([]);
  });

  it("meet at a seam that stays small", () => {
    const membersOf = (file: string, name: string) => {
      const [, body] =
        new RegExp(`export interface ${name} \\{\\n(.*?)\\n\\}`, "s").exec(sources[`../src/seam/${file}.ts`]) ?? [];
      return (body ?? "").split("\n").flatMap((line) => /^ {2}(?:readonly )?(\w+)[(<?:]/.exec(line)?.[1] ?? []);
    };
    expect(membersOf("rows", "Rows")).toEqual(["count", "ask", "blend", "logits"]);
    expect(membersOf("session", "Session").length).toBeLessThanOrEqual(11);
    expect(membersOf("session", "Session")).toEqual(
      expect.arrayContaining(["forward", "keep", "truncate", "fork", "beside"]),
    );
  });

  it("export no function or value that nobody imports", () => {
    const others = import.meta.glob<string>(["../{bench,scripts,e2e}/**/*.{ts,mjs}", "../*.ts"], {
      query: "?raw",
      import: "default",
      eager: true,
    });
    const words = new Map<string, Set<string>>();
    for (const [file, text] of Object.entries({ ...sources, ...others })) {
      for (const word of text.match(/[A-Za-z_]\w*/g) ?? []) words.set(word, (words.get(word) ?? new Set()).add(file));
    }
    const dead = Object.entries(sources).flatMap(([file, text]) =>
      [...text.matchAll(/^export (?:async )?(?:function\*?|const) (\w+)/gm)]
        .filter(([, name]) => (words.get(name)?.size ?? 0) < 2)
        .map(([, name]) => `${file.slice(3)}: ${name}`),
    );
    expect(dead).toEqual([]);
  });

  it("lead from no entry of the product to a test bed", () => {
    for (const entry of list.entries) expect(imports.has(entry), entry).toBe(true);
    const product = reachable(list.entries);
    expect(product.has("src/decode/engine/engine.ts") && product.has("src/ui/pane-element.ts")).toBe(true);
    expect([...product].filter((file) => roomOf(file, list) === "testing" || file.endsWith(".test.ts"))).toEqual([]);
  });
});
