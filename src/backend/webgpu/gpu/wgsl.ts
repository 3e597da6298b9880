import { invariant } from "../../../vocabulary/errors.js";

/** Values for `${NAME}` and `#if`: numbers are written as they are, booleans are for conditions only. */
export type WgslConstants = Readonly<Record<string, number | boolean | string>>;

const SOURCES = import.meta.glob<string>("../../../../shaders/*.wgsl", {
  query: "?raw",
  import: "default",
  eager: true,
});

function source(name: string): string {
  const text = SOURCES[`../../../../shaders/${name}.wgsl`];
  invariant(text !== undefined, `no shader named ${name}.wgsl`);
  return text;
}

function holds(condition: string, constants: WgslConstants): boolean {
  const match = /^(!?)(\w+)(?:\s*(==|!=)\s*(\w+))?$/.exec(condition.trim());
  invariant(match, `bad #if condition: ${condition}`);
  const [, not, name, operator, operand] = match;
  invariant(name in constants, `#if uses ${name}, which has no value`);
  const value = operator ? (String(constants[name]) === operand) === (operator === "==") : Boolean(constants[name]);
  return not ? !value : value;
}

function bound(text: string, constants: WgslConstants): number {
  const value = text in constants ? Number(constants[text]) : Number(text);
  invariant(Number.isInteger(value), `bad #for bound: ${text}`);
  return value;
}

/** Index just past the directive that closes the one at `start`; also the position of its `#else`, if any. */
function blockEnd(lines: string[], start: number, open: string, close: string): { end: number; middle: number } {
  let depth = 0;
  let middle = -1;
  for (let i = start; i < lines.length; i++) {
    const word = lines[i].trim().split(/\s+/)[0];
    if (word === open) depth++;
    else if (word === close && --depth === 0) return { end: i, middle };
    else if (word === "#else" && open === "#if" && depth === 1) middle = i;
  }
  throw new Error(`${lines[start]}: not closed`);
}

function expandLines(lines: string[], constants: WgslConstants, seen: Set<string>): string[] {
  const out: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i].trim();
    if (line.startsWith("#include")) {
      const name = /"(\w+)\.wgsl"/.exec(line)?.[1];
      invariant(name, `bad include: ${line}`);
      if (seen.has(name)) continue;
      seen.add(name);
      out.push(...expandLines(source(name).split("\n"), constants, seen));
    } else if (line.startsWith("#if")) {
      const { end, middle } = blockEnd(lines, i, "#if", "#endif");
      const body = holds(line.slice(3), constants)
        ? lines.slice(i + 1, middle < 0 ? end : middle)
        : middle < 0
          ? []
          : lines.slice(middle + 1, end);
      out.push(...expandLines(body, constants, seen));
      i = end;
    } else if (line.startsWith("#for")) {
      const { end } = blockEnd(lines, i, "#for", "#endfor");
      const match = /^#for (\w+) in (\w+)\.\.(\w+)$/.exec(line);
      invariant(match, `bad #for: ${line}`);
      const body = lines.slice(i + 1, end);
      const last = bound(match[3], constants);
      for (let value = bound(match[2], constants); value < last; value++) {
        out.push(...expandLines(body, { ...constants, [match[1]]: value }, seen));
      }
      i = end;
    } else {
      out.push(
        lines[i].replace(/\$\{(\w+)\}/g, (_, name: string) => {
          invariant(name in constants, `\${${name}} has no value`);
          return String(constants[name]);
        }),
      );
    }
  }
  return out;
}

/**
 * The WGSL text of `shaders/<name>.wgsl`: includes, `#if`/`#else`/`#endif`, `#for i in a..b` (unrolled) and `${NAME}`
 * expanded. The only text templating there is.
 */
export function expandWgsl(name: string, constants: WgslConstants): string {
  return expandLines(source(name).split("\n"), constants, new Set([name])).join("\n");
}

/** SHA-256 of all shader files, in hex: what was measured with other kernels says nothing about these. */
export async function kernelsHash(): Promise<string> {
  const names = Object.keys(SOURCES).toSorted();
  const text = names.map((name) => `${name}\0${SOURCES[name]}\0`).join("");
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
