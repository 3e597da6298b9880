import type { GenerationEvent, SlotId } from "../../vocabulary/events.js";
import { toWire, type WireError } from "../../vocabulary/errors.js";
import type { lawOf, TokenLaw } from "../../worker/client.js";
import type { Pane } from "../pane.js";
import { questionOf } from "./law-question.js";
import type { TokenHistory } from "./token-history.js";

/** What is known of a place's law. `busy`: panes still write, and wouldn't be measured alone; `absent`: no model here wrote the text. */
export type LawState = "nothing drawn" | "busy" | "absent" | "asking" | TokenLaw | { error: WireError };

/** Who only passes by asks nothing. */
const DELAY_MS = 150;

/** Asks for the laws of places, one at a time, and keeps what came. */
export class Laws {
  /** By run and place: what the model said. */
  private readonly known = new WeakMap<readonly GenerationEvent[], Map<string, LawState>>();
  private current: { key: string; abort: AbortController } | null = null;

  constructor(
    private readonly ask: typeof lawOf,
    private readonly onChange: () => void,
  ) {}

  /** What is known of a place as the pane shows it; what isn't is asked for, in place of what was asked for before. */
  of(
    pane: Pick<Pane, "events" | "origin">,
    slot: SlotId,
    step: number,
    history: TokenHistory,
    isBusy: boolean,
  ): LawState {
    const { events, origin } = pane;
    const question = questionOf(events, slot, step, history);
    if (!question) return "nothing drawn";
    if (!origin) return "absent";
    const ofRun = this.known.get(events) ?? new Map<string, LawState>();
    this.known.set(events, ofRun);
    const key = `${slot} ${history.written?.step ?? `as of ${step}`}`;
    const known = ofRun.get(key);
    if (known) return known;
    if (isBusy) return "busy";
    if (this.current?.key !== key) {
      this.cancel();
      const abort = new AbortController();
      this.current = { key, abort };
      setTimeout(async () => {
        if (abort.signal.aborted) return;
        const asked = { ...question, prompt: origin.prompt };
        const state: LawState = await this.ask(origin.ref, asked, abort.signal).catch((error: unknown) => ({
          error: toWire(error),
        }));
        if (abort.signal.aborted) return;
        ofRun.set(key, state);
        this.current = null;
        this.onChange();
      }, DELAY_MS);
    }
    return "asking";
  }

  /** Gives up what is being asked for. */
  cancel(): void {
    this.current?.abort.abort();
    this.current = null;
  }
}
