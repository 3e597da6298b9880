// what: y[l][t] = ((penalty of x[l][t]) + bias[t]) / temperature, -1e30 where suppressed;
//     stats[l][c] = (max of a chunk, sum exp(y - max))
// in: logits x [L, V], bias [V], seen [L, ceil(V / 32)], y [L, V], stats [L, chunks]
// constants: PENALTY, MASS (else the sums are 0), WORKGROUP_SIZE
// share: one chunk of a row an invocation
// source: arXiv 1909.05858 (repetition penalty: divides positive logits, multiplies negative ones)
#include "select_step.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<storage, read_write> stats: array<vec2<f32>>;
#if PENALTY
@group(0) @binding(5) var<storage, read> seen: array<u32>;
#endif

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  let l = i / step.num_chunks;
  if (l >= step.num_rows) { return; }
  let start = (i % step.num_chunks) * step.chunk;
  let end = min(start + step.chunk, step.vocab);
  var top = -1e30;
  for (var t = start; t < end; t++) {
    var x = logits[l * step.vocab + t];
#if PENALTY
    let is_seen = (seen[l * ((step.vocab + 31u) / 32u) + t / 32u] >> (t % 32u)) & 1u;
    if (is_seen == 1u) { x = select(x * step.penalty, x / step.penalty, x > 0.0); }
#endif
    x = select((x + bias[t]) * step.inverse_temperature, -1e30, bias[t] < SUPPRESSED);
    y[l * step.vocab + t] = x;
    top = max(top, x);
  }
  var sum = 0.0;
#if MASS
  for (var t = start; t < end; t++) { sum += exp(y[l * step.vocab + t] - top); }
#endif
  stats[i] = vec2<f32>(top, sum);
}
