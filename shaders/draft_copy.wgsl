// what: drafts[i] = what follows the leftmost of the longest occurrences (up to step.depth tokens) of the last tokens in a text; where
//     the text ends it goes on with what was copied, and without an occurrence it is the last token again and again
// in: inputs (the last token, or its result word | bit 31, at step.parents; a given text at step.rows_list), lengths [sessions],
//     slots [context]: the tokens before the last; results: drafts [k] at step.result. OF own: the text is these tokens themselves
// constants: OF = own | given (step.num_rows tokens), WORKGROUP_SIZE
// share: one workgroup; an invocation looks at every WORKGROUP_SIZE-th place, then writes every WORKGROUP_SIZE-th draft
// source: transformers' PromptLookupCandidateGenerator (rule); where it drafts nothing or less, these are drafts that can only be lucky
#include "rows_records.wgsl"
#include "select_step.wgsl"
@group(0) @binding(1) var<storage, read> inputs: array<u32>;
@group(0) @binding(2) var<storage, read> lengths: array<u32>;
@group(0) @binding(3) var<storage, read> slots: array<Slot>;
@group(0) @binding(4) var<storage, read_write> results: array<u32>;

// The best occurrence that each invocation found: its length, then how far left it ends; 0 is none.
var<workgroup> best: array<u32, ${WORKGROUP_SIZE}>;
const LEFT: u32 = 0x00ffffffu;

fn last_token() -> u32 {
  let word = inputs[step.parents];
  if (word >= 0x80000000u) { return results[word & 0x7fffffffu]; }
  return word;
}

// Token i of what was written: `length` kept tokens and the last.
fn written(i: u32, length: u32, last: u32) -> u32 {
  if (i == length) { return last; }
  return slots[i].token;
}

fn text(i: u32, length: u32, last: u32) -> u32 {
#if OF == own
  return written(i, length, last);
#else
  return inputs[step.rows_list + i];
#endif
}

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(local_invocation_index) lane: u32) {
  let length = lengths[step.session];
  let last = last_token();
#if OF == own
  let text_length = length + 1u;
#else
  let text_length = step.num_rows;
#endif
  // Something must follow, so that an occurrence ends before the text's last token.
  let most = min(step.depth, min(length + 1u, text_length - 1u));
  var mine = 0u;
  for (var end = lane; end + 1u < text_length; end += ${WORKGROUP_SIZE}u) {
    var n = 0u;
    while (n < most && n <= end && text(end - n, length, last) == written(length - n, length, last)) { n++; }
    if (n > 0u) { mine = max(mine, (n << 24u) | (LEFT - end)); }
  }
  best[lane] = mine;
  workgroupBarrier();
  for (var i = 0u; i < ${WORKGROUP_SIZE}u; i++) { mine = max(mine, best[i]); }
  let from_ = select(LEFT - (mine & LEFT) + 1u, text_length, mine == 0u);
  for (var i = lane; i < step.k; i += ${WORKGROUP_SIZE}u) {
    var draft = last;
    if (mine != 0u) { draft = text(from_ + i % (text_length - from_), length, last); }
    results[step.result + i] = draft;
  }
}
