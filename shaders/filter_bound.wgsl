// what: state[l] = max of the row, its probability mass, a value under which nothing survives, threshold by min-p
// in: stats [L, chunks] (max, sum exp(y - max)), state [L]
// constants: BOUND = count (top-k: at least k chunk maxima reach it) | mass (what lies below sums to less than 1 - top_p) |
//     none, QUADS, WORKGROUP_SIZE
// share: one row an invocation
// source: own; min-p as in arXiv 2407.01082
#include "select_step.wgsl"
#include "filter_state.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> stats: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read_write> state: array<FilterState>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let l = invocation_index(group, groups, lane);
  if (l >= step.num_rows) { return; }
  let first = l * step.num_chunks;
  let end = first + step.num_chunks;
  var top = -1e30;
  for (var c = first; c < end; c++) { top = max(top, stats[c].x); }
  var mass = 0.0;
  var bound = SUPPRESSED;
#if BOUND == count
  // Any width whose count is enough gives a bound: ten halvings of 64 leave few candidates that aren't among the k.
  var short = 0.0;
  var width = 64.0;
  for (var round = 0u; round < 10u; round++) {
    let trial = select((short + width) * 0.5, width, round == 0u);
    var count = 0u;
    for (var c = first; c < end; c++) { count += select(0u, 1u, stats[c].x >= top - trial); }
    if (count >= step.top_k) {
      width = trial;
      bound = top - trial;
    } else if (round == 0u) {
      break;
    } else {
      short = trial;
    }
  }
#endif
#if BOUND == mass
  for (var c = first; c < end; c++) {
    let chunk = stats[c];
    mass += chunk.y * exp(chunk.x - top);
  }
  let share = max(1.0 - step.top_p, 1e-20) / f32(step.vocab);
  bound = top + log(mass) + log(share) - 0.01;
#endif
  let threshold = max(top + step.log_min_p, SUPPRESSED);
  state[l].top = top;
  state[l].mass = mass;
  state[l].low = bound;
  state[l].high = NO_END;
  state[l].taken = 0.0;
  state[l].threshold = ordered(threshold);
#if BOUND == mass
#for q in 0..QUADS
  state[l].edges[${q}] = edges_of(bound, NO_END, top, ${q}u);
#endfor
#endif
}
