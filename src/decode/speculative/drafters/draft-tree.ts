import type { TokenId } from "../../../vocabulary/events.js";
import type { Draft } from "./source.js";

/** A draft under construction: equal beginnings are stored once, and it stops growing at `limit` nodes. */
export class DraftTree implements Draft {
  readonly tokens: TokenId[] = [];
  readonly parents: number[] = [];
  private readonly nodes = new Map<string, number>();

  constructor(private readonly limit: number) {}

  /** The child of `parent` (-1: the root) with this token, made if need be; -1 when there is no room for it. */
  add(parent: number, token: TokenId): number {
    const key = `${parent}:${token}`;
    const known = this.nodes.get(key);
    if (known !== undefined) return known;
    if (this.tokens.length >= this.limit) return -1;
    const node = this.tokens.push(token) - 1;
    this.parents.push(parent);
    this.nodes.set(key, node);
    return node;
  }

  /** Adds a path from `parent`, as far as there is room. */
  addPath(parent: number, tokens: readonly TokenId[]): void {
    let node = parent;
    for (const token of tokens) {
      node = this.add(node, token);
      if (node < 0) return;
    }
  }
}
