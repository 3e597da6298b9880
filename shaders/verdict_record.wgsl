// what: where the parts of a verification's record lie behind the select records: accepted, previous, path [L], which stay on
//     the device; then what is read back: the token behind the accepted drafts, a bit for each draft on the path [2], drafts [L - 1],
//     log-probabilities of what was emitted [L]
// in: step
// constants: none
// share: -
// source: own; a session reads it back as its verdict
fn verdict_at() -> u32 { return step.result + step.num_rows * 4u; }
fn path_at() -> u32 { return verdict_at() + 2u; }
fn last_at() -> u32 { return path_at() + step.num_rows; }
fn drafts_at() -> u32 { return last_at() + 3u; }
fn logprobs_at() -> u32 { return drafts_at() + step.num_rows - 1u; }

// The two words of the path's bits with that of draft row - 1 set.
fn with_bit(bits: vec2<u32>, row: u32) -> vec2<u32> {
  let at = row - 1u;
  let bit = 1u << (at % 32u);
  return bits | select(vec2<u32>(0u, bit), vec2<u32>(bit, 0u), at < 32u);
}
