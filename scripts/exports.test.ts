import { expect, it } from "vitest";

const sources = import.meta.glob<string>(["../src/**/*.ts", "!../src/**/*.test.ts"], {
  query: "?raw",
  import: "default",
  eager: true,
});

it("every export has a docstring, and so has every list of re-exports", () => {
  const bare = Object.entries(sources).flatMap(([file, text]) => {
    const lines = text.split("\n");
    return lines
      .map((line, i) => ({ line, before: lines[i - 1] ?? "", at: `${file.slice(3)}:${i + 1}` }))
      .filter(({ line, before }) => /^export\b/.test(line) && !before.trimEnd().endsWith("*/"))
      .map(({ line, at }) => `${at} ${line}`);
  });
  expect(bare).toEqual([]);
});
