/** How long a worker goes without handling messages, "stop" among them: transformers.js on WebAssembly never lets it. */
const DEAF_MS = 30;

/** A pause that lets messages be handled, where they haven't been for a while; else it is none. */
export function breather(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel();
  let lastMs = performance.now();
  return async () => {
    if (performance.now() - lastMs < DEAF_MS) return;
    await new Promise((resolve) => {
      port1.onmessage = resolve;
      port2.postMessage(null);
    });
    lastMs = performance.now();
  };
}
