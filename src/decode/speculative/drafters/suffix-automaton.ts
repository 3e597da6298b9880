import type { TokenId } from "../../../vocabulary/events.js";

interface State {
  /** Length of the longest of its substrings. */
  length: number;
  /** The state of their longest proper suffix that occurs elsewhere; null at the root. */
  link: State | null;
  next: Map<TokenId, State>;
  /** Index just past the first occurrence. */
  end: number;
}

/** The longest suffix of what was matched that something follows in an automaton's text. */
export interface SuffixMatch {
  length: number;
  /** Index in the text just past that suffix's first occurrence. */
  end: number;
}

/** All substrings of a text that grows at its end (Blumer et al. 1985); amortised O(1) a token. */
export class SuffixAutomaton {
  readonly text: TokenId[] = [];
  readonly root: Readonly<State>;
  private last: State;

  constructor() {
    this.root = this.last = { length: 0, link: null, next: new Map(), end: 0 };
  }

  append(token: TokenId): void {
    const end = this.text.push(token);
    const state: State = { length: this.last.length + 1, link: this.root, next: new Map(), end };
    let from: State | null = this.last;
    for (; from && !from.next.has(token); from = from.link) from.next.set(token, state);
    this.last = state;
    const known = from?.next.get(token);
    if (!from || !known) return;
    if (known.length === from.length + 1) {
      state.link = known;
      return;
    }
    // Only the shorter substrings of `known` are suffixes of the new text: they become a state of their own.
    const clone: State = { length: from.length + 1, link: known.link, next: new Map(known.next), end: known.end };
    for (; from && from.next.get(token) === known; from = from.link) from.next.set(token, clone);
    known.link = state.link = clone;
  }
}

/**
 * Follows a text through an automaton's: after each token, the longest suffix that occurs there. The automaton stands
 * still, or holds the text that is followed and is given each token after its matcher: else a state may be split under it.
 */
export class SuffixMatcher {
  private state: Readonly<State>;
  private length = 0;

  constructor(private readonly automaton: SuffixAutomaton) {
    this.state = automaton.root;
  }

  get match(): SuffixMatch {
    const { state, length, automaton } = this;
    if (state.end < automaton.text.length || !state.link) return { length, end: state.end };
    // It occurs at the text's end alone; the longest suffix that also occurs elsewhere occurs before that.
    return { length: state.link.length, end: state.link.end };
  }

  /** Reads the next token of the text that is followed. Amortised O(1). */
  advance(token: TokenId): void {
    while (this.state.link && !this.state.next.has(token)) {
      this.state = this.state.link;
      this.length = this.state.length;
    }
    const next = this.state.next.get(token);
    if (!next) return;
    this.state = next;
    this.length++;
  }
}
