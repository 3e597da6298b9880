// what: result[l][j] = (token, log-probability) of the j-th largest logit; of a race (token, x); of a law its distinct draws, in place
//     of the tokens of k select records, the first again where there are fewer. NO_TOKEN for all where a logit isn't finite
// in: lists [L, chunks, k, 2], heads [L, chunks] (scratch), results: the select record (4 words a row) at step.result, then [L, k, 2];
//     logits [k, V] (of a law, whose rows are all the same one)
// constants: OF = logits | race (there is no select record) | law, WORKGROUP_SIZE
// share: one row an invocation
// source: own (k-way merge of the chunks' sorted lists)
#include "select_step.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> lists: array<vec2<u32>>;
@group(0) @binding(2) var<storage, read_write> heads: array<u32>;
@group(0) @binding(3) var<storage, read_write> results: array<u32>;
#if OF == law
@group(0) @binding(4) var<storage, read> logits: array<f32>;
#endif

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let l = invocation_index(group, groups, lane);
  if (l >= step.num_rows) { return; }
  for (var c = 0u; c < step.num_chunks; c++) { heads[l * step.num_chunks + c] = 0u; }
#if OF == race
  var is_finite = true;
  for (var c = 0u; c < step.num_chunks; c++) {
    is_finite = is_finite && lists[(l * step.num_chunks + c) * step.k].y != NO_TOKEN;
  }
  let log_sum = 0.0;
#else
  // The select record of the rows, or of the one row of a law, has looked at all logits.
#if OF == law
  let is_finite = results[step.result] != NO_TOKEN;
  let log_sum = bitcast<f32>(results[step.result + step.k * 2u + 1u]);
  var first_id = 0u;
#else
  let is_finite = results[step.result + l * 2u] != NO_TOKEN;
  let log_sum = bitcast<f32>(results[step.result + step.num_rows * 2u + l * 2u + 1u]);
#endif
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
#if OF == law
    if (j == 0u) { first_id = best_id; }
    let id = select(first_id, best_id, best > -1e30);
    results[step.result + j * 2u] = select(NO_TOKEN, id, is_finite);
    results[step.result + j * 2u + 1u] = bitcast<u32>(logits[id] - log_sum);
#else
    let at = step.result + step.num_rows * 4u + (l * step.k + j) * 2u;
    results[at] = select(NO_TOKEN, best_id, is_finite);
    results[at + 1u] = bitcast<u32>(best - log_sum);
#endif
  }
}
