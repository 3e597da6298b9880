import { invariant } from "../../../vocabulary/errors.js";
import type { ExtensionKey } from "../../../seam/extension.js";
import type { Opened, Runnable, Trunk } from "./part.js";

/** What has been asked for beside a session, by extension: made when it is first asked for. */
export class OpenedParts {
  private readonly opened = new Map<string, Opened>();

  constructor(
    private readonly trunk: Trunk,
    private readonly parts: Runnable["parts"],
  ) {}

  /** What a key names. Throws where the model was loaded without. */
  one<T>(key: ExtensionKey<T>): T {
    let opened = this.opened.get(key.extension);
    if (!opened) {
      const part = this.parts.get(key.extension);
      invariant(part, `this model was loaded without ${key.what}`);
      opened = part.open(this.trunk);
      this.opened.set(key.extension, opened);
    }
    return opened.one(key) as T;
  }

  /** Ends all of it. */
  dispose(): void {
    for (const opened of this.opened.values()) opened.dispose?.();
  }
}
