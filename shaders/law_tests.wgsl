// what: the uniform variate of a test: of the draft at `depth`, the `chain`-th that is tried there
// in: rows [M], inputs (row list)
// constants: none
// share: -
// source: own; src/sampling/verify/chance.ts draws the same
fn chance_at(depth: u32, chain: u32) -> f32 {
  let first = rows[inputs[step.rows_list]].position + step.fills_next;
  return uniform_variate(step.seed, PURPOSE_ACCEPT, first + depth, first * 64u + chain, 0u);
}
