import { besideOf } from "../../companion.js";
import type { Session } from "../../../seam/session.js";
import { type Race, race } from "../../../seam/questions/race.js";
import { verify } from "../../../seam/questions/verify.js";
import { InvalidOptionError } from "../../../vocabulary/errors.js";
import type { TokenId } from "../../../vocabulary/events.js";
import type { Capabilities } from "../../../seam/capabilities.js";
import type { TokenRef } from "../../../seam/pending.js";
import type { Run, Step } from "../../decoder.js";
import { storeLongPrompt } from "../../long-prompt.js";
import { numberOption, type OptionValues } from "../../options.js";
import { showVerdict } from "../verifiers/verification.js";
import type { DraftSource } from "./source.js";
import { MAX_WIDTH, type TemplateNode, templateOf } from "./template.js";

/**
 * A small model drafts a tree of fixed shape, level by level and all on the device: behind each node stand the first tokens
 * of the race that the target draws by, so that where the two disagree the second or third may be right (list-level coupling,
 * arXiv 2506.05632). Each round waits for its verdict.
 */
export const tree: DraftSource = {
  name: "tree",
  label: "Draft model, a tree",
  summary: "A small model writes a tree: several candidates behind each token",
  isChain: false,
  numTokens: 12,
  needs: () => ({
    asks: ["verify", "keep", "parents"],
    beside: { drafter: { model: "second", asks: ["race", "parents"] } },
  }),
  options: {
    tree_width: {
      type: "integer",
      label: "Tree width",
      doc: "Candidates behind a token at most; 3 unless given",
      default: 3,
      min: 1,
      max: MAX_WIDTH,
    },
  },
  check: checkShape,
  rounds: treeRounds,
};

/** Refuses a width that the tree of so many nodes doesn't use, and a length that changes. */
function checkShape(options: OptionValues, { vocabSize }: Capabilities): void {
  const width = numberOption(options, "tree_width");
  const size = numberOption(options, "num_assistant_tokens");
  const { num_assistant_tokens_schedule: schedule } = options;
  if (schedule === "heuristic") {
    throw new InvalidOptionError(
      "num_assistant_tokens_schedule heuristic goes by drafts that were all accepted, and of the drafter tree's most can't be: choose schedule constant.",
    );
  }
  if (width === tree.options.tree_width.default) return;
  if (width > vocabSize) {
    throw new InvalidOptionError(
      `tree_width ${width} is more than the ${vocabSize} tokens of the vocabulary: give at most so many.`,
    );
  }
  const widest = 1 + Math.max(...templateOf(size, width).map(({ rank }) => rank));
  if (widest === width) return;
  throw new InvalidOptionError(
    `tree_width ${width} changes nothing in a tree of num_assistant_tokens ${size}, whose likeliest nodes are ${widest} wide at most: give more of those, or at most ${widest}.`,
  );
}

async function* treeRounds(run: Run): AsyncGenerator<Step, void, void> {
  const { canvas, target, capabilities, options, sampler } = run;
  const { session: draft, capabilities: draftCapabilities } = besideOf(run.beside, "drafter");
  const width = Math.min(numberOption(options, "tree_width"), capabilities.vocabSize, draftCapabilities.vocabSize);
  const template = templateOf(numberOption(options, "num_assistant_tokens"), width);
  const context = Math.min(capabilities.maxLength, draftCapabilities.maxLength);
  const [verifying, racing] = [verify(sampler), race(sampler, width)];
  for (;;) {
    const ids = canvas.ids();
    if (ids.length >= capabilities.maxLength) return;
    // All drafts lie in the cache behind the text for a while, and the token behind the accepted ones needs a place too.
    const nodes = template.slice(0, Math.max(0, context - ids.length - 1));
    const drafts = growTree(draft, ids, nodes, racing);
    const pending = storeLongPrompt(target, ids.slice(target.length));
    const keep = pending.length;
    const parents = nodes.map(({ parent }) => parent);
    const verified = target.forward({
      tokens: [...pending, ...drafts],
      attend: { parents: [...pending.map((_, row) => row - 1), ...parents.map((parent) => keep + parent)] },
      rows: Array.from({ length: drafts.length + 1 }, (_, i) => keep - 1 + i),
      keep,
    });
    const verdict = verified.ask(verifying);
    target.keep(verdict);
    const outcome = await verdict.read();
    yield run.now((edit) => {
      showVerdict(edit, parents, outcome, canvas.slots()[canvas.length - 1].id);
      run.judged(drafts.length, outcome.accepted);
    });
  }
}

/** The nodes' tokens, on the device. Each level is one forward of all nodes above it that have children. */
function growTree(draft: Session, ids: readonly TokenId[], nodes: readonly TemplateNode[], racing: Race) {
  const drafts: TokenRef[] = [];
  if (nodes.length === 0) return drafts;
  const inner = [...nodes.keys()].filter((i) => nodes.some(({ parent }) => parent === i));
  const depths: number[] = [];
  for (const { parent } of nodes) depths.push(parent < 0 ? 0 : depths[parent] + 1);
  for (let depth = 0; depth <= Math.max(...depths); depth++) {
    const fed = inner.filter((i) => depths[i] < depth);
    const expanded = depth === 0 ? [-1] : fed.filter((i) => depths[i] === depth - 1);
    const text = depth === 0 ? ids.slice(draft.length) : [];
    const rows = draft.forward({
      tokens: depth === 0 ? text : fed.map((i) => drafts[i]),
      attend: depth === 0 ? "causal" : { parents: fed.map((i) => fed.indexOf(nodes[i].parent)) },
      rows: depth === 0 ? "last" : expanded.map((i) => fed.indexOf(i)),
      keep: text.length,
    });
    const first = rows.ask(racing);
    nodes.forEach(({ parent, rank }, i) => {
      if (depths[i] === depth) drafts[i] = first.ref(expanded.indexOf(parent) * racing.k + rank);
    });
  }
  return drafts;
}
