/** One way to generate: the block of work that two revisions do in turn. */
export interface Way {
  name: string;
  /** Folder of the model in `public/models`. */
  model: string;
  draft?: string;
  promptIds: number[];
  /** As `generate` takes them, `decoder` included. */
  options: Record<string, string | number>;
}

/** One generation, by the engine's own clock. */
export interface Block {
  ids: number[];
  tokensPerSecond: number;
  timeToFirstTokenMs: number;
  ownMs: number;
  forwards: number;
  dispatches: number;
}

/**
 * What the frame of one revision offers. Each has its own, since all copies of the library in one global scope share a
 * worker.
 */
export interface Duelist {
  /** Imports the library at `url` and loads model folders with it; resolves with what it says of its adapter. */
  open(url: string, folders: readonly string[]): Promise<Record<string, unknown>>;
  run(way: Way): Promise<Block>;
  isVisible(): boolean;
}

declare global {
  interface Window {
    duelist: Duelist;
  }
}
