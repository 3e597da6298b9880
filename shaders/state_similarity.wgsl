// what: parts[c][p] = the largest cosine of candidate c's state with those of chunk p of the kept rows
// in: states [context, C], of length 1: the kept rows, and behind them the candidates; parts [candidates, chunks];
//     step: num_rows candidates, quota kept rows, chunk, num_chunks, width = groups of four columns
// constants: WORKGROUP_SIZE
// share: one chunk of a candidate an invocation
// source: arXiv 2202.06417
#include "select_step.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> states: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> parts: array<f32>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  let candidate = i / step.num_chunks;
  if (candidate >= step.num_rows) { return; }
  let own = (step.quota + candidate) * step.width;
  let start = (i % step.num_chunks) * step.chunk;
  let end = min(start + step.chunk, step.quota);
  var most = -2.0;
  for (var slot = start; slot < end; slot++) {
    var products = vec4<f32>(0.0);
    for (var c = 0u; c < step.width; c++) { products += states[own + c] * states[slot * step.width + c]; }
    most = max(most, dot(products, vec4<f32>(1.0)));
  }
  parts[i] = most;
}
