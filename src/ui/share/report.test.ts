import { expect, it } from "vitest";
import { Tally } from "../tally.js";
import { reportOf } from "./report.js";

it("a report has prompt, settings, figures, laws and texts, and nothing of them becomes markup", () => {
  const hostile = "<img src=x onerror=alert(1)> **b** | [a](javascript:1) ````\n# h\n```` `c`";
  const tally = new Tally();
  Object.assign(tally, { tokens: 6, forwards: 3, proposed: 4, accepted: 2 });
  const pane = {
    label: `One|${hostile}`,
    status: "done",
    tally,
    fidelity: "exact",
    law: { sentence: hostile },
    text: hostile,
  };
  const report = reportOf({
    ...{ date: "2026-11-30", adapter: hostile, prompt: hostile, settings: { seed: 7, "3.drafter": hostile } },
    panes: [pane],
  });
  const lines = report.split("\n");
  expect(lines).toContain("| tokens/forward | 2 |");
  expect(lines).toContain("| accepted | 50 % |");
  expect(lines).toContain("- seed: 7");
  expect(lines).toContain("- tokens/forward: tokens by forward passes");
  // What stands outside the two fenced blocks has no markup but the report's own.
  const outside = report
    .split("\n`````text\n")
    .flatMap((part, i) => (i === 0 ? [part] : part.split("\n`````\n").slice(1)));
  expect(outside).toHaveLength(3);
  for (const part of outside) expect(part).not.toMatch(/(?<!\\)[<`*[]/);
  expect(report.split(`\n\`\`\`\`\`text\n${hostile}\n\`\`\`\`\`\n`)).toHaveLength(3);
});
