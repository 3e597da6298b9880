/** How a section went. */
export interface Outcome {
  name: string;
  title: string;
  status: "done" | "failed" | "not run" | "stopped";
  /** Why it isn't done. */
  why?: string;
  elapsedMs: number;
  /** What it found. */
  data?: unknown;
  /** Share of the machine that other processes kept busy meanwhile; null where the system doesn't tell. */
  othersShare?: number | null;
}

/** How a section's own process ended. */
export type Ended = { data: unknown; othersShare?: number | null } | { status: "failed" | "not run"; why: string };

/** A section that is under way. */
export interface Running {
  ended: Promise<Ended>;
  stop(): void;
}
