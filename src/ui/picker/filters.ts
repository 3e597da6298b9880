import type { Chosen } from "../../vocabulary/chosen.js";
import type { MethodInfo } from "../../worker/client.js";

/** What a person has asked of methods. `only`: names of `FILTERS`. */
export interface Wanted {
  text: string;
  only: ReadonlySet<FilterName>;
  order: MethodInfo["axes"]["order"] | null;
}

/** One method as it stands now: `refusal` says why it can't run, null where it can or nothing is known. */
export interface Offered {
  method: MethodInfo;
  /** The decoder that it would be had with. */
  decoder: string;
  /** What would be set for it. */
  options: Chosen;
  refusal: string | null;
}

/** What is asked of each method by a filter. */
export const FILTERS = {
  runs: ({ refusal }: Offered) => refusal === null,
  lossless: ({ method }: Offered) => method.axes.lossless,
  untrained: ({ method }: Offered) => !method.axes.training,
  single: ({ method }: Offered) => !method.axes.secondModel,
  revises: ({ method }: Offered) => method.axes.revises,
  cached: ({ method }: Offered) => method.axes.cached,
};

/** Name of a filter. */
export type FilterName = keyof typeof FILTERS;

/** Those that are as wanted, the ones that can run first: each word of the text stands somewhere on their card. */
export function matching(offered: readonly Offered[], { text, only, order }: Wanted): Offered[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = offered.filter((one) => {
    const { name, idea, paper = "", here, decoders } = one.method;
    const card = [name, idea, paper, here, ...decoders].join(" ").toLowerCase();
    return (
      words.every((word) => card.includes(word)) &&
      (order === null || one.method.axes.order === order) &&
      [...only].every((filter) => FILTERS[filter](one))
    );
  });
  return [...wanted.filter(FILTERS.runs), ...wanted.filter((one) => !FILTERS.runs(one))];
}
