// what: per chunk, how many logits (or how much probability, is_mass) fall in each of 16 bins below the row's prefix
// in: y [L, V], state [L, 4], cuts [L] (top-k's threshold, is_mass), bins [L, chunks, 16]
// constants: WORKGROUP_SIZE
// share: one chunk of a row an invocation
// source: own: radix selection on the ordered bits, four bits a pass, so no vocabulary is ever sorted
#include "select_step.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> state: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> cuts: array<u32>;
@group(0) @binding(4) var<storage, read_write> bins: array<f32>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  let l = i / step.num_chunks;
  if (l >= step.num_rows) { return; }
  let start = (i % step.num_chunks) * step.chunk;
  let end = min(start + step.chunk, step.vocab);
  let top = bitcast<f32>(state[l].x);
  let prefix = state[l].y;
  for (var b = 0u; b < 16u; b++) { bins[i * 16u + b] = 0.0; }
  for (var t = start; t < end; t++) {
    let value = y[l * step.vocab + t];
    let key = ordered(value);
    let is_under = step.shift == 28u || (key >> (step.shift + 4u)) == (prefix >> (step.shift + 4u));
    if (!is_under || (step.is_mass == 1u && key < cuts[l])) { continue; }
    let at = i * 16u + ((key >> step.shift) & 15u);
    bins[at] += select(1.0, exp(value - top), step.is_mass == 1u);
  }
}
