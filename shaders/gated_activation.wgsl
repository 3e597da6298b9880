// what: y[m][n] = activate(gate[m][n]) * up[m][n] (GATED), or activate(gate[m][n])
// in: gate [M, N], up [M, N], y [M, N], all flat with step.num_rows elements in all
// constants: ACTIVATION, GATED, WORKGROUP_SIZE
// share: one element an invocation
// source: arXiv 2002.05202; models fuse it into the matmul before it, this one serves unfused graphs
#include "rows.wgsl"
#include "invocation.wgsl"
#include "activation.wgsl"
@group(0) @binding(1) var<storage, read> gate: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
#if GATED
@group(0) @binding(3) var<storage, read> up: array<f32>;
#endif

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  if (i >= step.num_rows) { return; }
#if GATED
  y[i] = activate(gate[i]) * up[i];
#else
  y[i] = activate(gate[i]);
#endif
}
