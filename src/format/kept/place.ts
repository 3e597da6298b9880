import type { FileFacts } from "./download.js";

/** Where the files of a model are. */
export interface Place {
  /** The model's address. */
  readonly url: string;
  /** Where a file is, and what is known of it; nothing of it is read. Throws `missing_file`. */
  facts(name: string, signal?: AbortSignal): Promise<FileFacts>;
  /** Whether there is such a file. */
  has(name: string, signal?: AbortSignal): Promise<boolean>;
  /** All of its files by name, with their lengths; null where the server doesn't tell. */
  names(signal?: AbortSignal): Promise<ReadonlyMap<string, number | null> | null>;
  /** A file isn't there, as its server has answered. */
  onAbsent(name: string): Promise<void>;
}
