/** Milliseconds that a rate is of: long enough to be steady, short enough to follow a network. */
const WINDOW_MS = 5000;

/** How a load goes. */
export interface LoadState {
  loadedBytes: number;
  totalBytes: number | null;
  /** Null until there is something to tell it by. */
  bytesPerSecond: number | null;
  secondsLeft: number | null;
}

/** Bytes that have come, with the rate of the last seconds. */
export class Rate {
  private marks: { atMs: number; bytes: number }[] = [];
  private state: LoadState = { loadedBytes: 0, totalBytes: null, bytesPerSecond: null, secondsLeft: null };

  /** How it stands. */
  get now(): LoadState {
    return this.state;
  }

  /** Takes what has come by now. Bytes that were here before count for no rate: they come with the first call. */
  add(loadedBytes: number, totalBytes: number | null, atMs: number): void {
    this.marks.push({ atMs, bytes: loadedBytes });
    while (this.marks.length > 2 && atMs - this.marks[1].atMs >= WINDOW_MS) this.marks.shift();
    const [first] = this.marks;
    const elapsedMs = atMs - first.atMs;
    const fresh = loadedBytes - first.bytes;
    const bytesPerSecond = elapsedMs > 0 && fresh > 0 ? (1000 * fresh) / elapsedMs : null;
    const left = totalBytes === null ? null : Math.max(0, totalBytes - loadedBytes);
    const secondsLeft = left === null || bytesPerSecond === null ? null : left / bytesPerSecond;
    this.state = { loadedBytes, totalBytes, bytesPerSecond, secondsLeft };
  }
}

const UNITS = ["bytes", "kB", "MB", "GB", "TB"];

/** Bytes for people, in thousands as networks and shops count: 98.3 MB. */
export function bytesText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** power;
  return `${value >= 100 || power === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}

/** A load in words: bytes of all, rate, time left. */
export function loadText({ loadedBytes, totalBytes, bytesPerSecond, secondsLeft }: LoadState): string {
  const parts = [
    totalBytes === null ? bytesText(loadedBytes) : `${bytesText(loadedBytes)} of ${bytesText(totalBytes)}`,
  ];
  if (bytesPerSecond !== null) parts.push(`${bytesText(bytesPerSecond)}/s`);
  if (secondsLeft !== null && secondsLeft >= 1) parts.push(`${timeText(secondsLeft)} left`);
  return parts.join(" · ");
}

function timeText(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}
