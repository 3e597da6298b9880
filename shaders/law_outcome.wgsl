// what: where a round's drafts end, and what the token behind them is drawn from: max(s p - t q, floor p) of the laws behind
//     `row` if it `is_residual`, else the target's law itself, which its select record has drawn from
// in: -
// constants: none
// share: -
// source: own
struct Outcome {
  row: u32,
  is_residual: u32,
  target_scale: f32,
  draft_scale: f32,
  floor: f32,
}
