import type { Canvas } from "../../vocabulary/canvas.js";
import { invariant } from "../../vocabulary/errors.js";
import type { Role } from "../../vocabulary/events.js";
import type { Session } from "../../seam/session.js";
import type { Beside, RunCompanions } from "../companion.js";
import type { Needs } from "../decoder.js";
import { type Work, workOf } from "./metrics.js";
import type { GenerateRequest, RunSessions } from "./request.js";

/** What the sessions' caches hold: rows read causally are worth nothing to blocks, nor those of another block length. */
const readings = new WeakMap<Session, string>();

/** How a session is read: what was read otherwise is of no use. */
function readingOf({ block, blockOffset = 0, full }: Pick<Needs, "block" | "blockOffset" | "full">): string {
  if (block) return `blocks of ${block} from ${blockOffset}`;
  return full ? "full" : "causal";
}

/** The sessions that a run writes with, by role. They may come with another text, or read another way: what is of use is kept. */
export class LentSessions {
  readonly target: Session;
  /** Who plays which role beside the target. */
  readonly beside: RunCompanions;

  constructor(
    { target, draft }: RunSessions,
    private readonly needs: Needs,
    { capabilities, draftCapabilities }: Pick<GenerateRequest, "capabilities" | "draftCapabilities">,
  ) {
    const played = Object.entries(needs.beside ?? {}).map(([role, companion]): [Role, Beside] => {
      if ("key" in companion) return [role as Role, { session: target.beside(companion.key), capabilities }];
      invariant(draft && draftCapabilities, "a plan without its second model is refused");
      return [role as Role, { session: draft, capabilities: draftCapabilities }];
    });
    this.target = target;
    this.beside = Object.fromEntries(played);
  }

  /** Work done so far, before this run too. */
  work(): Work {
    return workOf(this.target.counts, this.beside);
  }

  /** Keeps of each what was read as this run reads it, and is the canvas's text. */
  async prepare(canvas: Canvas): Promise<void> {
    await readAs(this.target, readingOf(this.needs));
    for (const [role, { session }] of this.companions()) {
      const companion = this.needs.beside?.[role];
      await readAs(session, readingOf({ block: companion && "model" in companion ? companion.block : undefined }));
    }
    await this.match(canvas);
  }

  /** Cuts the sessions to what the canvas holds, less one: the last token is always there to be fed. */
  async match(canvas: Canvas): Promise<void> {
    const ids = canvas.committedIds().slice(0, canvas.length - 1);
    const sessions = [{ session: this.target, skips: 0 }];
    for (const [role, { session }] of this.companions()) {
      const companion = this.needs.beside?.[role];
      const ofTarget = companion && "key" in companion ? companion : undefined;
      const second = companion && "model" in companion ? companion : undefined;
      // What holds other ids, or not the same ones one by one, is for who reads it to match.
      if (!ofTarget?.isApart && !second?.isRetokenized) sessions.push({ session, skips: ofTarget?.skips ?? 0 });
    }
    for (const { session, skips } of sessions) {
      await session.settle();
      session.match(ids.slice(skips), canvas.sets);
    }
  }

  private companions(): [Role, Beside][] {
    return Object.entries(this.beside) as [Role, Beside][];
  }
}

async function readAs(session: Session, reading: string): Promise<void> {
  await session.settle();
  if ((readings.get(session) ?? reading) !== reading) session.truncate(0);
  readings.set(session, reading);
}
