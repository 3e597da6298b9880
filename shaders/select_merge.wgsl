// what: (token, log-probability) of each row (NO_TOKEN where a logit isn't finite), then (entropy, log-sum-exp) of each row, from the chunk records of a row;
//   MEASURED: then (likeliest token, its log-probability, that of the second) and a word for the divergence
// in: records [L, chunks, 8], results: [L, 2] at step.result, then [L, 2], then [L, 4]
// constants: MEASURED, WORKGROUP_SIZE
// share: one row an invocation
// source: entropy = lse - sum p x (no log of a tiny p)
#include "select_step.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> records: array<u32>;
@group(0) @binding(2) var<storage, read_write> results: array<u32>;

fn number(at: u32) -> f32 { return bitcast<f32>(records[at]); }

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let l = invocation_index(group, groups, lane);
  if (l >= step.num_rows) { return; }
  let from_ = l * step.num_chunks * 8u;
  var top = -1e30;
  for (var c = 0u; c < step.num_chunks; c++) { top = max(top, number(from_ + c * 8u)); }
  var sum = 0.0;
  var weighted = 0.0;
  var best = -2e30;
  var best_at = from_;
  var is_finite = true;
  for (var c = 0u; c < step.num_chunks; c++) {
    let at = from_ + c * 8u;
    is_finite = is_finite && records[at + 4u] != NO_TOKEN;
    let lower = number(at) - top;
    let scale = exp(lower);
    sum += number(at + 1u) * scale;
    weighted += (number(at + 2u) + number(at + 1u) * lower) * scale;
    if (number(at + 3u) > best) { best = number(at + 3u); best_at = at; }
  }
  let log_sum = log(sum);
  let at = step.result + l * 2u;
  results[at] = select(NO_TOKEN, records[best_at + 4u], is_finite);
  results[at + 1u] = bitcast<u32>(number(best_at + 5u) - top - log_sum);
#if MEASURED
  var first = -1e30;
  var first_id = 0u;
  var second = -1e30;
  for (var c = 0u; c < step.num_chunks; c++) {
    let x = number(from_ + c * 8u);
    second = max(second, max(min(x, first), number(from_ + c * 8u + 7u)));
    if (x > first) { first = x; first_id = records[from_ + c * 8u + 6u]; }
  }
  let measured = step.result + step.num_rows * 4u + l * 4u;
  results[measured] = first_id;
  results[measured + 1u] = bitcast<u32>(-log_sum);
  results[measured + 2u] = bitcast<u32>(second - top - log_sum);
#endif
  let law = at + step.num_rows * 2u;
  results[law] = bitcast<u32>(log_sum - weighted / sum);
  results[law + 1u] = bitcast<u32>(top + log_sum);
}
