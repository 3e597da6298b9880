// what: what the filter kernels know of a row; the search for top-p's threshold narrows [low, high), divided at its edges
// in: -
// constants: QUADS (of edges)
// share: -
// source: own. Edges are stored, so that all kernels compare with the same bits
struct FilterState {
  top: f32,
  mass: f32,
  // Candidates are in [low, high); what reaches `high` has the mass `taken`.
  low: f32,
  high: f32,
  taken: f32,
  // As ordered bits.
  threshold: u32,
  edges: array<vec4<f32>, ${QUADS}>,
}

// Above every logit.
const NO_END: f32 = 3e38;

// The lower ends of four parts of [low, high), of which the first is part 4 `quad`.
fn edges_of(low: f32, high: f32, top: f32, quad: u32) -> vec4<f32> {
  let part = (vec4<f32>(0.0, 1.0, 2.0, 3.0) + f32(quad * 4u)) / f32(${QUADS}u * 4u);
  return low + (min(high, top) - low) * part;
}
