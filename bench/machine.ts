import os from "node:os";

/** What a reader must know of the machine to judge a figure; never its name. */
export interface MachineFacts {
  platform: string;
  cpu: string;
  cores: number;
  memoryGb: number;
  node: string;
  /** Processes that wanted to run in the last minute, when the benchmark started: about 0 on an idle machine. */
  loadAverage: number;
}

/** Facts of this machine, now. */
export function machineFacts(): MachineFacts {
  const cpus = os.cpus();
  return {
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus[0]?.model.trim() ?? "unknown",
    cores: cpus.length,
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    node: process.versions.node,
    loadAverage: Number(os.loadavg()[0].toFixed(2)),
  };
}

/** Says on stderr when other work on the machine will be in the figures. */
export function warnIfBusy({ loadAverage, cores }: MachineFacts): void {
  if (loadAverage < cores / 4) return;
  console.error(`bench: load average ${loadAverage} on ${cores} cores: others are at work, compare ratios only`);
}
