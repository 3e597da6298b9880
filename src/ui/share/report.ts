import { formatMs, formatNumber } from "../figures.js";
import { shareWords } from "../words/share.js";
import type { Tally } from "../tally.js";

/** A pane as a report has it. */
export interface ReportedPane {
  label: string;
  status: string;
  tally: Tally;
  fidelity: string | null;
  law: { sentence: string } | null;
  text: string;
}

/** What a report is of. */
export interface Reported {
  date: string;
  adapter: string;
  prompt: string;
  settings: Readonly<Record<string, string | number>>;
  panes: readonly ReportedPane[];
}

const FIGURES: Record<keyof typeof shareWords.figures, (tally: Tally) => string> = {
  tokens: ({ tokens }) => String(tokens),
  forwards: ({ forwards }) => String(forwards),
  tokensPerForward: ({ tokensPerForward }) => formatNumber(tokensPerForward),
  tokensPerSecond: ({ tokensPerSecond }) => formatNumber(tokensPerSecond),
  acceptance: ({ acceptance }) => (acceptance === null ? "–" : `${(acceptance * 100).toFixed(0)} %`),
  firstToken: ({ firstTokenMs }) => (firstTokenMs === null ? "–" : formatMs(firstTokenMs)),
};

/** A race in Markdown: texts and names stay text in it, whatever they hold. */
export function reportOf({ date, adapter, prompt, settings, panes }: Reported): string {
  const words = shareWords.report;
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const names = Object.keys(FIGURES) as (keyof typeof FIGURES)[];
  const set = Object.entries(settings).map(([name, value]) => `- ${escaped(name)}: ${escaped(String(value))}`);
  return [
    `# ${words.title}`,
    "",
    escaped(words.written(date, adapter)),
    "",
    ...set,
    ...(set.length > 0 ? [""] : []),
    `## ${words.prompt}`,
    "",
    ...fenced(prompt),
    "",
    `## ${words.figures}`,
    "",
    row(["", ...panes.map(({ label }) => escaped(label))]),
    row(["---", ...panes.map(() => "---:")]),
    ...names.map((name) => row([shareWords.figures[name].label, ...panes.map(({ tally }) => FIGURES[name](tally))])),
    "",
    ...names.map((name) => `- ${shareWords.figures[name].label}: ${shareWords.figures[name].doc}`),
    ...panes.flatMap(({ label, status, fidelity, law, text }) => [
      "",
      `## ${escaped(label)}`,
      "",
      escaped([status, fidelity, law?.sentence].filter(Boolean).join(". ")),
      "",
      ...fenced(text),
    ]),
    "",
  ].join("\n");
}

/** A line of Markdown in which nothing is markup. */
function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>&~$]/g, "\\$&").replace(/\s+/g, " ");
}

/** A block of code behind a fence that the text can't close. */
function fenced(text: string): string[] {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = "`".repeat(longest + 1);
  return [`${fence}text`, text, fence];
}
