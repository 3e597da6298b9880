import type { Recovery, RunSessions } from "../decode/engine/request.js";
import type { Session } from "../seam/session.js";
import { DeviceLostError, InvariantError, invariant, TriptychError } from "../vocabulary/errors.js";
import { type Losses, WALL_TIME } from "./losses.js";
import type { ModelRef } from "./model-ref.js";
import type { Lendable, Lending, Resident } from "./resident.js";
import type { Shelf } from "./shelf.js";

/** Between a read that fails with its device and the word that the device is lost. */
const GRACE_MS = 100;

/** What a loan is made with. */
export interface Lender<D, M extends Lendable> {
  shelf: Shelf<Resident<M>>;
  losses: Losses;
  openDevice(): Promise<D>;
}

/** A model with a session of it. */
export interface Lent<M> {
  loaded: M;
  session: Session;
}

/** The device, the models and a session of each that one run has; taken together, and again once the device is lost. */
export class Loan<D extends { lost: Promise<string> }, M extends Lendable> {
  private current: { device: D; lent: { resident: Resident<M>; session: Session }[] } | null = null;
  private readonly held: ModelRef[] = [];

  constructor(
    private readonly lender: Lender<D, M>,
    private readonly refs: readonly ModelRef[],
    private readonly how: Lending & { signal: AbortSignal },
  ) {}

  /** How its run gets over the loss of the device. */
  readonly recovery: Recovery = {
    reasonOf: async (error) => {
      if (isNoLoss(error)) return null;
      const soon = WALL_TIME.wait(GRACE_MS).then(() => null);
      return this.current ? Promise.race([this.current.device.lost, soon]) : null;
    },
    renew: async (): Promise<RunSessions> => {
      const { signal } = this.how;
      const { target, draft } = await this.lender.losses.askAnew(() => this.take(), signal);
      return { target: target.session, draft: draft?.session };
    },
  };

  /** Takes the device that there is now, and sessions of all models on it. */
  async take(): Promise<{ device: D; target: Lent<M>; draft?: Lent<M> }> {
    const { shelf } = this.lender;
    const device = await this.lender.openDevice();
    const lent: { resident: Resident<M>; session: Session }[] = [];
    this.current = { device, lent };
    for (const ref of this.refs) {
      const resident = await shelf.again(ref);
      this.held.push(ref);
      lent.push({ resident, session: resident.lend(this.how) });
    }
    const [target, draft] = lent.map(({ resident, session }) => ({ loaded: resident.loaded, session }));
    invariant(target, "a run has a model");
    return { device, target, draft };
  }

  /** Gives sessions and references back. A session whose run failed is in an unknown state. */
  giveBack(isReusable: boolean): void {
    const { isAlone, conversation } = this.how;
    for (const { resident, session } of this.current?.lent ?? []) {
      resident.giveBack(session, isReusable && !isAlone, conversation);
    }
    for (const ref of this.held) this.lender.shelf.release(ref);
  }
}

/** Whether an error says of itself that it has another reason; a session that is used after its device may break any rule. */
function isNoLoss(error: unknown): boolean {
  return error instanceof TriptychError && !(error instanceof DeviceLostError) && !(error instanceof InvariantError);
}
