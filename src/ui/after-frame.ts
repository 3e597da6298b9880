/** A page that nobody sees draws no frames: longer than this isn't waited. */
const UNSEEN_MS = 250;

/** Resolves behind the next frame, in a task of its own, so that what is done then isn't added to the frame's layout; soon where nothing is drawn. */
export function afterFrame(): Promise<void> {
  return new Promise((resolve) => {
    const unseen = setTimeout(end, UNSEEN_MS);
    const request = requestAnimationFrame(() => setTimeout(end));
    function end(): void {
      clearTimeout(unseen);
      cancelAnimationFrame(request);
      resolve();
    }
  });
}
