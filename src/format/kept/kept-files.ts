import type { SourceFile } from "../source.js";
import type { FileFacts } from "./download.js";
import type { Keeping } from "./keeping.js";
import { KeptFile } from "./kept-file.js";

/** The files of a process that are open, each of them once however many read it. */
export class KeptFiles {
  private readonly files = new Map<string, KeptFile>();
  /** Files that came whole, and were something else. */
  private readonly wrong = new Set<string>();

  constructor(readonly keeping: Keeping) {}

  /** A file, opened once its length is known; what isn't there is fetched as it is read. The signal ends its reads and, if nobody else wants it, the download. */
  async open(facts: FileFacts, signal?: AbortSignal): Promise<SourceFile> {
    return this.fileOf(facts).open(signal);
  }

  /** Resolves once a file is whole and what it should be. */
  async finish(facts: FileFacts, signal?: AbortSignal): Promise<void> {
    return this.fileOf(facts).finish(signal);
  }

  /** Stops the download of a file, for all who read it. */
  async stop(id: string, reason: unknown): Promise<void> {
    await this.files.get(id)?.stop(reason);
  }

  private fileOf(facts: FileFacts): KeptFile {
    const { id } = facts;
    const open = this.files.get(id);
    if (open) return open;
    const file = new KeptFile(this.keeping, facts, this.wrong, () => {
      if (this.files.get(id) === file) this.files.delete(id);
    });
    this.files.set(id, file);
    return file;
  }
}
