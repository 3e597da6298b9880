import type { DiffusionReport } from "./diffusion.js";
import { MissingPrerequisite } from "./missing.js";
import { judgeDiffusion, judgePeers } from "./goals.js";
import type { PeersReport } from "./peers.js";
import { newestReport, type Report, round } from "./report.js";

function recorded<T extends Report>(benchmark: string): T {
  const report = newestReport(benchmark);
  if (!report) throw new MissingPrerequisite(`no result of ${benchmark} yet: npm run bench -- ${benchmark}`);
  return report as T;
}

/** `bench gate`: true when the newest recorded results meet every goal. */
export async function gate(): Promise<boolean> {
  const findings = [
    ...judgePeers(recorded<PeersReport>("peers")),
    ...judgeDiffusion(recorded<DiffusionReport>("diffusion")),
  ];
  for (const { goal, value, isMet, isStretch } of findings) {
    console.log(`${isMet ? "met   " : "missed"} ${goal}${isStretch ? " (stretch)" : ""}: ${round(value)}`);
  }
  return findings.every(({ isMet, isStretch }) => isMet || isStretch);
}
