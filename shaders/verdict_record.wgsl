// what: where the parts of a verification's record lie behind the select records: accepted, last, previous, L; then drafts
//     [L - 1], emitted (token, logprob) [L], path [L]
// in: step
// constants: none
// share: -
// source: src/model/verdict.ts reads it back
fn verdict_at() -> u32 { return step.result + step.num_rows * 4u; }
fn drafts_at() -> u32 { return verdict_at() + 4u; }
fn emitted_at() -> u32 { return drafts_at() + step.num_rows - 1u; }
fn path_at() -> u32 { return emitted_at() + step.num_rows * 2u; }
