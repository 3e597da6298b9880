// what: appends to the row's prefix the bin in which the k-th largest logit (or the mass top_p) is reached
// in: bins [L, chunks, 16], state [L, 4] (max, prefix, f32 still to take, threshold), cuts [L]
// constants: WORKGROUP_SIZE
// share: one row an invocation
// source: own; ids that tie with the last one taken are all kept
#include "select_step.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> bins: array<f32>;
@group(0) @binding(2) var<storage, read_write> state: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read_write> cuts: array<u32>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let l = invocation_index(group, groups, lane);
  if (l >= step.num_rows) { return; }
  var s = state[l];
  var left = bitcast<f32>(s.z);
  if (step.shift == 28u) {
    s.y = 0u;
    left = f32(step.top_k);
    if (step.is_mass == 1u) {
      var total = 0.0;
      for (var b = 0u; b < 16u; b++) {
        for (var c = 0u; c < step.num_chunks; c++) { total += bins[(l * step.num_chunks + c) * 16u + b]; }
      }
      left = total * step.top_p;
    }
  }
  var chosen = 0u;
  var taken = 0.0;
  var is_done = false;
  for (var down = 0u; down < 16u && !is_done; down++) {
    let b = 15u - down;
    var amount = 0.0;
    for (var c = 0u; c < step.num_chunks; c++) { amount += bins[(l * step.num_chunks + c) * 16u + b]; }
    if (amount > 0.0) {
      chosen = b;
      is_done = amount >= left;
      taken = amount;
      left -= amount;
    }
  }
  s.y = s.y | (chosen << step.shift);
  // The chosen bin is entered, not taken; rounding may leave a mass just unreached, then the last bin is entered.
  s.z = bitcast<u32>(left + taken);
  if (step.shift == 0u) {
    cuts[l] = s.y;
    s.w = max(s.w, s.y);
  }
  state[l] = s;
}
