import type { AdapterData } from "./adapter.js";
import type { Outcome } from "./outcome.js";
import type { Section } from "./section.js";

/** A report as it stands in its JSON file. */
export interface PortableReport {
  report: "portable";
  date: string;
  version: string;
  rounds: number;
  outcomes: readonly Outcome[];
}

/** The report as Markdown. What isn't done says so, and why. */
export function markdown({ date, version, rounds, outcomes }: PortableReport, sections: readonly Section[]): string {
  const adapter = outcomes.find(({ name }) => name === "adapter")?.data as AdapterData | undefined;
  const { description, architecture } = adapter?.facts ?? {};
  const count = (status: Outcome["status"]) => outcomes.filter((outcome) => outcome.status === status).length;
  const undone = (["failed", "not run", "stopped"] as const).filter((status) => count(status) > 0);
  return [
    `# Triptych ${version} on ${description || architecture || "no adapter"}, ${date}`,
    "",
    `${count("done")} of ${outcomes.length} sections done${undone.map((status) => `, ${count(status)} ${status}`).join("")}. Median of ${rounds} rounds (smallest to largest). What is wrong stands **bold**.`,
    ...outcomes.flatMap((outcome) => ["", `## ${outcome.title}`, "", ...body(outcome, sections)]),
    "",
  ].join("\n");
}

function body(
  { name, status, why, data, elapsedMs, othersShare = null }: Outcome,
  sections: readonly Section[],
): string[] {
  if (status !== "done") return [`**${status}**: ${why}`];
  const lines = sections.find((section) => section.name === name)?.lines(data) ?? [];
  const others =
    othersShare === null ? "" : `, in which others kept ${Math.round(100 * othersShare)} % of the machine busy`;
  return [...lines, "", `${Math.round(elapsedMs / 1000)} s${others}.`];
}
