import type { Chosen } from "../vocabulary/chosen.js";
import { type Offers, offersOf } from "../worker/client.js";

/** What must be known to say what a decoder's menus offer, as `offersOf` takes it. */
export type MenuRequest = Parameters<typeof offersOf>[0];

/** What the menus of an element's decoders offer: asked of the worker anew whenever what it depends on has changed. */
export class Menus {
  private offers = new Map<string, Offers>();
  private asked = "";

  constructor(private readonly onChange: () => void) {}

  /** By decoder; null while it isn't known, or where the models can't be read. */
  of(decoder: string): Offers | null {
    return this.offers.get(decoder) ?? null;
  }

  /** Brings them up to date, if the requests aren't those of the last call. */
  async refresh(requests: readonly MenuRequest[]): Promise<void> {
    const asked = JSON.stringify(requests, (_, value: unknown) => (Number.isNaN(value) ? "NaN" : value));
    if (asked === this.asked) return;
    this.asked = asked;
    const answers = await Promise.all(
      // A model that can't be read says so when it is loaded.
      requests.map(async (request) => [request.decoder, await offersOf(request).catch(() => null)] as const),
    );
    if (asked !== this.asked) return;
    this.offers = new Map(answers.flatMap(([decoder, offers]) => (offers ? [[decoder, offers] as const] : [])));
    this.onChange();
  }
}

/** The request without what isn't set: only "not given" is undefined. */
export function withoutUndefined(options: Chosen): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
