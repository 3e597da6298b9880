import { keyOf, type LoadProgress, type ModelInfo, type ModelRef, releaseModel, takeModel } from "../worker/client.js";

/** The loaded models that one pane has a reference to. */
export class HeldModels {
  private readonly held = new Map<string, ModelInfo>();
  /** How far each load is that the last `become` began, by `keyOf`. */
  private readonly progress = new Map<string, LoadProgress>();

  constructor(private readonly onProgress: () => void) {}

  /** Those of `refs` that are loaded, each once. */
  infosOf(refs: readonly ModelRef[]): ModelInfo[] {
    return [...new Set(refs.map(keyOf))].flatMap((key) => this.held.get(key) ?? []);
  }

  /** Bytes that are here, and of how many as far as that is known. */
  get bytes(): { loaded: number; total: number } {
    const parts = [...this.progress.values()];
    return {
      loaded: parts.reduce((sum, { loadedBytes }) => sum + loadedBytes, 0),
      total: parts.reduce((sum, { totalBytes }) => sum + (totalBytes ?? 0), 0),
    };
  }

  /** Holds the models that `find` finds and no others: gives the others back, loads what is missing. Resolves to what it found. */
  async become<T extends { refs: readonly ModelRef[] }>(find: () => Promise<T>, signal: AbortSignal): Promise<T> {
    this.progress.clear();
    const found = await find();
    signal.throwIfAborted();
    const wanted = new Map(found.refs.map((ref) => [keyOf(ref), ref]));
    for (const key of [...this.held.keys()].filter((held) => !wanted.has(held))) this.letGo(key);
    const missing = [...wanted].filter(([key]) => !this.held.has(key));
    await Promise.all(missing.map(([, ref]) => this.take(ref, signal)));
    signal.throwIfAborted();
    return found;
  }

  /** Gives all models back. */
  release(): void {
    for (const key of [...this.held.keys()]) this.letGo(key);
  }

  /** Drops the references to a worker that is gone: a new one knows none of them. */
  forget(): void {
    this.held.clear();
  }

  private async take(ref: ModelRef, signal: AbortSignal): Promise<void> {
    const info = await takeModel(ref, {
      signal,
      onProgress: (progress) => {
        this.progress.set(keyOf(ref), progress);
        this.onProgress();
      },
    });
    this.held.set(keyOf(ref), info);
  }

  private letGo(key: string): void {
    const ref = this.held.get(key)?.ref;
    this.held.delete(key);
    if (!ref) return;
    releaseModel(ref).catch(() => {
      // The worker is gone and the model with it.
    });
  }
}
