import type { DecodeReport } from "./decode.js";
import type { DiffusionReport } from "./diffusion-report.js";
import { type Finding, judgeDecode, judgeDiffusion, judgeKernels, judgePeers } from "./goals.js";
import type { KernelsReport } from "./kernels.js";
import type { PeersReport } from "./peers.js";
import { newestReport, type Report, round } from "./report.js";

function judged<T extends Report>(benchmark: string, judge: (report: T) => Finding[]): Finding[] {
  const report = newestReport(benchmark);
  if (report) return judge(report as T);
  const goal = `a recorded result of ${benchmark} (npm run bench -- ${benchmark})`;
  return [{ goal, value: Number.NaN, isMet: false }];
}

/** `bench gate`: true when the newest recorded results meet every goal. */
export async function gate(): Promise<boolean> {
  const findings = [
    ...judged<PeersReport>("peers", judgePeers),
    ...judged<KernelsReport>("kernels", judgeKernels),
    ...judged<DecodeReport>("decode", judgeDecode),
    ...judged<DiffusionReport>("diffusion", judgeDiffusion),
  ];
  for (const { goal, value, isMet, isStretch } of findings) {
    const shown = Number.isNaN(value) ? "not measured" : round(value);
    console.log(`${isMet ? "met   " : "missed"} ${goal}${isStretch ? " (stretch)" : ""}: ${shown}`);
  }
  return findings.every(({ isMet, isStretch }) => isMet || isStretch);
}
