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
  /** Share of all cores that other processes kept busy while it ran; null where the system doesn't tell. */
  othersShare: number | null;
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
    othersShare: null,
  };
}
