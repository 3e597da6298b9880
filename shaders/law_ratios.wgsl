// what: the masses of each row's laws, and p(x) / q(x) of the draft x behind it
// in: rows [M], inputs (row list), p [L, V] and sums [L, chunks], q [L - 1, V] and sums [L - 1, chunks], judged [L]
// constants: RULE, WORKGROUP_SIZE
// share: one row an invocation
// source: arXiv 2211.17192
#include "rows_records.wgsl"
#include "select_step.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> inputs: array<u32>;
@group(0) @binding(3) var<storage, read> p: array<f32>;
@group(0) @binding(4) var<storage, read> p_sums: array<f32>;
@group(0) @binding(5) var<storage, read> q: array<f32>;
@group(0) @binding(6) var<storage, read> q_sums: array<f32>;
@group(0) @binding(7) var<storage, read_write> judged: array<Judged>;
#include "law_judged.wgsl"

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  if (i >= step.num_rows) { return; }
  let has_draft = i + 1u < step.num_rows;
  var target_mass = 0.0;
  var draft_mass = 0.0;
  for (var c = i * step.num_chunks; c < (i + 1u) * step.num_chunks; c++) {
    target_mass += p_sums[c];
    if (has_draft) { draft_mass += q_sums[c]; }
  }
  var ratio = 0.0;
  if (has_draft) {
    let x = i * step.vocab + rows[inputs[step.rows_list + i + 1u]].token;
    ratio = (p[x] / target_mass) / (q[x] / draft_mass);
  }
  judged[i] = Judged(target_mass, draft_mass, ratio);
}
