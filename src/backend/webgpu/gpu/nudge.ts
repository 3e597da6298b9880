const NUDGE_MS = 1;

/** Whether this browser notices a finished map only when more work arrives. Undefined: not a browser. */
export function needsNudges(userAgent: string | undefined): boolean {
  return userAgent?.includes("Firefox") ?? false;
}

/** `pending`, with `submit` called about every millisecond until it settles. */
export async function nudged<T>(
  pending: Promise<T>,
  submit: () => void,
  wait: (delayMs: number) => Promise<void> = (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs)),
): Promise<T> {
  let isSettled = false;
  const settled = pending.finally(() => {
    isSettled = true;
  });
  // Who awaits the result gets the rejection.
  settled.catch(() => undefined);
  while (!isSettled) {
    await Promise.race([settled, wait(NUDGE_MS)]);
    if (!isSettled) submit();
  }
  return settled;
}
