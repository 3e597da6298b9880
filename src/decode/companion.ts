import type { Ask } from "../seam/asks.js";
import type { Capabilities } from "../seam/capabilities.js";
import type { ExtensionKey } from "../seam/extension.js";
import type { Session } from "../seam/session.js";
import { invariant } from "../vocabulary/errors.js";
import type { Role } from "../vocabulary/events.js";

/** The second model that a run is given. */
export interface SecondModel {
  readonly model: "second";
  /** It reads by blocks of this length and fills in masks; left out: left to right. */
  readonly block?: number;
  /** It may have another vocabulary: what it writes is tokenised anew. */
  readonly isRetokenized?: true;
  /** What is asked of it beside plain forwards. */
  readonly asks: readonly Ask[];
}

/** A session that an extension has beside the target. */
export interface TargetsOwn {
  readonly key: ExtensionKey<Session>;
  /** So many of the text's first tokens have no row in it; left out: none. */
  readonly skips?: number;
  /** What it keeps isn't the text's rows, one by one: whoever reads it has to match it to the text. */
  readonly isApart?: true;
}

/** Who plays a role beside the target. */
export type Companion = SecondModel | TargetsOwn;

/** Who plays which. */
export type Companions = Readonly<Partial<Record<Role, Companion>>>;

/** A companion at work in a run. */
export interface Beside {
  readonly session: Session;
  readonly capabilities: Capabilities;
}

/** Those of a run. */
export type RunCompanions = Readonly<Partial<Record<Role, Beside>>>;

/** The role that a second model plays; null where none does. */
export function secondRole(companions: Companions = {}): Role | null {
  const found = Object.entries(companions).find(([, companion]) => "model" in companion);
  return found ? (found[0] as Role) : null;
}

/** The second model as a run needs it, in whichever role; undefined where it needs none. */
export function secondModel(companions: Companions = {}): SecondModel | undefined {
  for (const companion of Object.values(companions)) if ("model" in companion) return companion;
  return undefined;
}

/** Who plays this role in a run that asked for it. */
export function besideOf(beside: RunCompanions, role: Role): Beside {
  const companion = beside[role];
  invariant(companion, `the run has no ${role} beside its target`);
  return companion;
}
