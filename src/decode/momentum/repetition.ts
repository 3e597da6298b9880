import type { TokenId } from "../../vocabulary/events.js";
import { MAX_REPETITION } from "./options.js";

/**
 * The n-grams of a text: a graph whose nodes are tokens, each with the places where it stands. It follows from the ids alone, so a
 * run that starts again on the canvas makes the same one.
 */
export class Repetition {
  private readonly ids: TokenId[] = [];
  private readonly places = new Map<TokenId, number[]>();

  constructor(ids: readonly TokenId[]) {
    for (const id of ids) this.append(id);
  }

  append(id: TokenId): void {
    const places = this.places.get(id);
    const place = this.ids.push(id) - 1;
    if (places) places.push(place);
    else this.places.set(id, [place]);
  }

  /** The length of the longest n-gram of the text that ends of the text and `next` would repeat; at most 5, 0 for a new token. */
  lengthWith(next: TokenId): number {
    let longest = 0;
    for (const place of this.places.get(next) ?? []) {
      let length = 1;
      while (
        length < MAX_REPETITION &&
        place >= length &&
        this.ids[place - length] === this.ids[this.ids.length - length]
      )
        length++;
      longest = Math.max(longest, length);
      if (longest === MAX_REPETITION) break;
    }
    return longest;
  }
}
