import { LENGTH_POLICY } from "../../extension/length-policy/key.js";
import { InvalidOptionError } from "../../vocabulary/errors.js";
import type { Ask } from "../../seam/asks.js";
import type { Attend } from "../../seam/forward.js";
import type { Measured } from "../../seam/questions/measure.js";
import { STEPLESS_RULES } from "./commit/stepless.js";
import { changesNothing } from "../inert-options.js";
import { invalidValue, numberOption, type OptionTable, type OptionValues } from "../options.js";
import { ownOptions, resolveOwn } from "../own-options.js";

const SHORTEST = {
  min_block_length: {
    type: "integer",
    label: "Shortest block",
    doc: "A length that the model was trained with, by default the shortest; finished text is read in blocks of it",
    default: null,
    min: 1,
  },
} as const satisfies OptionTable;

const BLOCK_RULES = [
  { name: "fixed", options: {} },
  {
    name: "entropy_run",
    options: {
      block_entropy: {
        type: "number",
        label: "Longest while nats under",
        doc: "In nats: the next block is the longest whose every token's entropy is at most this, else the shortest",
        default: 1,
        min: 0,
      },
      ...SHORTEST,
    },
  },
  { name: "policy", options: SHORTEST },
] as const satisfies readonly { name: string; options: OptionTable }[];

/** The options of `blockPlanOf`, beside `block_length`. */
export const BLOCK_OPTIONS: OptionTable = {
  block_rule: {
    type: "enum",
    label: "Lengths by",
    doc: "fixed: of block_length; entropy_run: up to block_length, as long as all of a block's entropies are small when it begins; policy: up to block_length, as the policy says that the model was loaded with",
    values: BLOCK_RULES.map(({ name }) => name),
    default: "fixed",
  },
  block_align: {
    type: "enum",
    label: "Blocks begin at",
    doc: "absolute: at multiples of their length, so that the first may hold the prompt's end; prompt_end: behind the prompt. What the model was trained with is right",
    values: ["absolute", "prompt_end"],
    default: "absolute",
  },
  ...ownOptions("block_rule", BLOCK_RULES),
};

/** Whether blocks differ in length. */
export function isAdaptive({ block_rule }: OptionValues): boolean {
  return block_rule !== "fixed";
}

/** The options with those of the block rule. Throws `InvalidOptionError` for what contradicts each other. */
export function resolveBlocks(options: OptionValues, trained: readonly number[]): OptionValues {
  const rule = BLOCK_RULES.find(({ name }) => name === options.block_rule) ?? BLOCK_RULES[0];
  const resolved = resolveOwn("block_rule", rule, BLOCK_RULES, options);
  if (!isAdaptive(resolved)) {
    if (resolved.block_align !== "absolute" && resolved.block_length === 1) {
      throw changesNothing(
        `block_align ${String(resolved.block_align)}`,
        "beside block_length 1, whose blocks begin anywhere",
      );
    }
    return resolved;
  }
  const { commit_rule, infill } = resolved;
  const name = `block_rule ${String(resolved.block_rule)}`;
  if (!STEPLESS_RULES.includes(String(commit_rule))) {
    throw new InvalidOptionError(
      `${name} doesn't go with commit_rule ${String(commit_rule)}, which needs to know how long a block is: choose ${STEPLESS_RULES.join(" or ")}.`,
    );
  }
  if (resolved.block_align !== "absolute") {
    throw new InvalidOptionError(`${name} has blocks begin at multiples of their lengths: leave block_align out.`);
  }
  if (infill) throw new InvalidOptionError(`${name} has no meaning for infill: leave one of them out.`);
  const shortest = resolved.min_block_length ?? (trained.length > 0 ? Math.min(...trained) : null);
  if (trained.length > 0 && !trained.includes(Number(shortest))) {
    throw invalidValue("min_block_length", shortest, `the model was trained with ${trained.join(", ")}`);
  }
  if (Number(shortest) > Number(resolved.block_length)) {
    throw new InvalidOptionError(
      `min_block_length ${String(shortest)} is longer than block_length ${String(resolved.block_length)}, the longest block.`,
    );
  }
  const lengths = trained.filter((length) => length >= Number(shortest) && length <= Number(resolved.block_length));
  if (lengths.length === 1)
    throw changesNothing(name, `where all blocks are ${lengths[0]} long, the only length to choose`);
  return { ...resolved, min_block_length: shortest };
}

/** Where the first whole block begins; what stands before is a block of its own. */
export function blockOffset({ block_align, block_length }: OptionValues, promptLength: number): number {
  return block_align === "prompt_end" ? promptLength % Number(block_length) : 0;
}

/** What blocks of these options ask of a model, but for what commits their masks. */
export function blockAsks(options: OptionValues, promptLength: number): readonly Ask[] {
  if (!isAdaptive(options)) return blockOffset(options, promptLength) === 0 ? [] : ["rank"];
  return ["rank", options.block_rule === "policy" ? LENGTH_POLICY : "measure"];
}

/** Where a block stands: from one position up to another. */
export interface Span {
  start: number;
  end: number;
}

/** How a text falls into blocks. All of it follows from the canvas, so that a run may start again anywhere. */
export interface BlockPlan {
  /** Finished text is read in blocks of this length. */
  readonly stored: number;
  /** Where the first whole block begins. */
  readonly offset: number;
  /** The block that holds position `first`, which is masked or the end of a text of `length`; behind that, the longest that may follow. */
  at(first: number, length: number): Span;
  /** Who sees whom in a forward of the positions from `from` to the block's end. */
  attend(from: number, span: Pick<Span, "start" | "end">): Attend;
  /** Lengths that a block which begins at `start` may have, the shortest first. */
  lengthsAt(start: number): readonly number[];
  /** The block that begins where this one does, by what was measured of its masks; left out: that is settled before. */
  choose?(span: Span, positions: readonly number[], measured: readonly Measured[]): Span;
}

/** The plan that checked options name, for a model trained on these lengths and blocks that begin at `offset`. */
export function blockPlanOf(
  options: OptionValues,
  trained: readonly number[],
  maxLength: number,
  offset = 0,
): BlockPlan {
  const block = numberOption(options, "block_length");
  if (!isAdaptive(options)) {
    const startOf = (position: number) =>
      position < offset ? 0 : offset + Math.floor((position - offset) / block) * block;
    const endOf = (position: number) => (position < offset ? offset : startOf(position) + block);
    return {
      stored: block,
      offset,
      at: (first) => ({ start: startOf(first), end: Math.min(endOf(first), maxLength) }),
      lengthsAt: () => [block],
      attend: (from, { end }) =>
        offset === 0
          ? { block }
          : { rank: Array.from({ length: end - from }, (_, i) => Math.min(endOf(from + i), end) - 1) },
    };
  }
  const stored = numberOption(options, "min_block_length");
  const bound = options.block_rule === "entropy_run" ? numberOption(options, "block_entropy") : null;
  const lengths = trained.filter((length) => length >= stored && length <= block).sort((a, b) => a - b);
  const lengthsAt = (start: number) => lengths.filter((length) => start % length === 0);
  /** Blocks that may begin at `start`, as in training at a multiple of their length; the shortest first. */
  const beginningAt = (start: number) => lengthsAt(start).map((length) => spanOf(start, length, maxLength));
  const choose: BlockPlan["choose"] = (span, positions, measured) => {
    const unsure = positions.find((_, i) => measured[i].entropy > Number(bound)) ?? span.end;
    const [shortest, ...longer] = beginningAt(span.start);
    return longer.findLast(({ end }) => end <= unsure) ?? shortest;
  };
  return {
    stored,
    offset,
    lengthsAt,
    at(first, length) {
      if (first >= length) return beginningAt(Math.floor(first / stored) * stored).at(-1) as Span;
      const holding = lengths.map((one) => spanOf(Math.floor(first / one) * one, one, maxLength));
      return holding.find(({ end }) => end >= length) as Span;
    },
    // What is stored sees its own short block, as it will when it is read again.
    attend: (from, { start, end }) => ({
      rank: Array.from({ length: end - from }, (_, i) => {
        const position = from + i;
        return position < start ? (Math.floor(position / stored) + 1) * stored - 1 : end - 1;
      }),
    }),
    ...(bound === null ? {} : { choose }),
  };
}

function spanOf(start: number, length: number, maxLength: number): Span {
  return { start, end: Math.min(start + length, maxLength) };
}
