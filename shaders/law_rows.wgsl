// what: mass and entropy of each row's law, and the weights of the draft that the row reads in the two laws before it
// in: rows [M], inputs (row list, parents), p [L, V] and p_sums [L, chunks], judged [L], q [L - 1, V] and q_sums [L - 1, chunks]
//     (DRAFTED)
// constants: DRAFTED (drafts were drawn from laws that are kept), WORKGROUP_SIZE
// share: one row an invocation
// source: own; H = log Z - sum w (y - top) / Z for weights w = exp(y - top) of mass Z
#include "rows_records.wgsl"
#include "select_step.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> inputs: array<u32>;
@group(0) @binding(3) var<storage, read> p: array<f32>;
@group(0) @binding(4) var<storage, read> p_sums: array<vec2<f32>>;
@group(0) @binding(5) var<storage, read_write> judged: array<Judged>;
#if DRAFTED
@group(0) @binding(6) var<storage, read> q: array<f32>;
@group(0) @binding(7) var<storage, read> q_sums: array<vec2<f32>>;
#endif
#include "law_judged.wgsl"

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  if (i >= step.num_rows) { return; }
  var sums = vec2<f32>(0.0);
  for (var c = 0u; c < step.num_chunks; c++) { sums += p_sums[i * step.num_chunks + c]; }
  var row = Judged(sums.x, log(sums.x) - sums.y / sums.x, 0.0, 0.0, 0.0);
  if (i > 0u) {
    let x = min(rows[inputs[step.rows_list + i]].token, step.vocab - 1u);
    row.target_weight = p[inputs[step.parents + i] * step.vocab + x];
#if DRAFTED
    let draft = i - 1u;
    row.draft_weight = q[draft * step.vocab + x];
    for (var c = 0u; c < step.num_chunks; c++) { row.draft_mass += q_sums[draft * step.num_chunks + c].x; }
#endif
  }
  judged[i] = row;
}
