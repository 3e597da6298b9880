// npm test: set-up, then every tier in order, whatever became of those before. The last lines are the tiers and the totals.
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { ensureChromium, ensureDependencies, root, run, say } from "./setup.mjs";

const REPORTS = path.join(root, ".cache/test");

// Tiers without a report (check, lint, build) only add to the totals when they fail.
const TIERS = [
  { name: "check" },
  { name: "lint" },
  { name: "test:unit", report: "unit.json", read: vitestCounts },
  { name: "test:sweep", report: "sweep.json", read: vitestCounts },
  { name: "test:gpu", report: "gpu.json", read: vitestCounts },
  { name: "build" },
  { name: "e2e", report: "e2e.json", read: playwrightCounts },
];

function vitestCounts(report) {
  return { passed: report.numPassedTests, failed: report.numFailedTests, skipped: report.numPendingTests };
}

function playwrightCounts({ stats }) {
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped };
}

function counts({ report, read }) {
  const file = report && path.join(REPORTS, report);
  return file && existsSync(file) ? read(JSON.parse(readFileSync(file, "utf8"))) : { passed: 0, failed: 0, skipped: 0 };
}

ensureDependencies();
const chromium = ensureChromium();
rmSync(REPORTS, { recursive: true, force: true });
mkdirSync(REPORTS, { recursive: true });

const total = { passed: 0, failed: 0, skipped: 0 };
const outcomes = [];
let exitCode = 0;
for (const tier of TIERS) {
  const startedMs = performance.now();
  say(`npm run ${tier.name}`);
  const env = { CHROMIUM: chromium, ...(tier.report && { TEST_REPORT: path.join(REPORTS, tier.report) }) };
  const code = run("npm", ["run", "-s", tier.name], { env });
  const tierCounts = counts(tier);
  // A tier that breaks outside its tests is a failure too.
  if (code !== 0 && tierCounts.failed === 0) tierCounts.failed = 1;
  for (const key of Object.keys(total)) total[key] += tierCounts[key];
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  outcomes.push(`${tier.name}: ${code === 0 ? "ok" : `failed (exit code ${code})`} in ${seconds} s`);
  exitCode ||= code;
}
outcomes.map(say);
if (total.skipped > 0) say(`${total.skipped} skipped`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = exitCode;
