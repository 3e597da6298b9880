// what: result[l][j] = (token, log-probability) of the j-th largest logit; (token, x) for RACE
// in: lists [L, chunks, k, 2], heads [L, chunks] (scratch), results: the select record (4 words a row) at step.result, then [L, k, 2]
// constants: RACE (the lists hold keys of a race, and there is no select record), WORKGROUP_SIZE
// share: one row an invocation
// source: own (k-way merge of the chunks' sorted lists)
#include "select_step.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> lists: array<vec2<u32>>;
@group(0) @binding(2) var<storage, read_write> heads: array<u32>;
@group(0) @binding(3) var<storage, read_write> results: array<u32>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let l = invocation_index(group, groups, lane);
  if (l >= step.num_rows) { return; }
  for (var c = 0u; c < step.num_chunks; c++) { heads[l * step.num_chunks + c] = 0u; }
#if RACE
  let log_sum = 0.0;
#else
  let log_sum = bitcast<f32>(results[step.result + step.num_rows * 2u + l * 2u + 1u]);
#endif
  for (var j = 0u; j < step.k; j++) {
    var best = -2e30;
    var best_id = 0u;
    var best_chunk = 0u;
    for (var c = 0u; c < step.num_chunks; c++) {
      let head = heads[l * step.num_chunks + c];
      if (head >= step.k) { continue; }
      let entry = lists[(l * step.num_chunks + c) * step.k + head];
      if (bitcast<f32>(entry.x) > best) { best = bitcast<f32>(entry.x); best_id = entry.y; best_chunk = c; }
    }
    heads[l * step.num_chunks + best_chunk] += 1u;
    let at = step.result + step.num_rows * 4u + (l * step.k + j) * 2u;
    results[at] = best_id;
    results[at + 1u] = bitcast<u32>(best - log_sum);
  }
}
