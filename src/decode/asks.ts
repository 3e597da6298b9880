import { type Ask, nameOf } from "../seam/asks.js";
import { secondModel } from "./companion.js";
import type { Needs } from "./decoder.js";

/** What a run with these needs asks, once each: of its target, with what that has beside itself, and of its second model. */
export function asksOf({ asks, beside = {} }: Needs): { target: Ask[]; second: Ask[] } {
  const keys = Object.values(beside).flatMap((companion) => ("key" in companion ? [companion.key] : []));
  return { target: once([...asks, ...keys]), second: once(secondModel(beside)?.asks ?? []) };
}

function once(asks: readonly Ask[]): Ask[] {
  return [...new Map(asks.map((ask) => [nameOf(ask), ask])).values()];
}
