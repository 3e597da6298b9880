// what: per chunk of a row: max, sum exp(x - max), sum (x - max) exp(x - max) of the raw law; best y - log E and its id
// in: logits x [L, V], bias [V], rows [M], inputs (row list), y [L, V] and state [L, 4] (FILTERED), records [L, chunks, 8]
// constants: FILTERED (y and its threshold were made by the filter kernels), NOISE (else greedy), WORKGROUP_SIZE
// share: one chunk of a row an invocation
// source: Gumbel-max as an exponential race (research: arXiv 2409.02908 on why small E must be resolved); lowest id on ties
#include "rows_records.wgsl"
#include "select_step.wgsl"
#include "invocation.wgsl"
#if NOISE
#include "noise.wgsl"
#endif
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read> rows: array<Row>;
@group(0) @binding(4) var<storage, read> inputs: array<u32>;
@group(0) @binding(5) var<storage, read_write> records: array<u32>;
#if FILTERED
@group(0) @binding(6) var<storage, read> y: array<f32>;
@group(0) @binding(7) var<storage, read> state: array<vec4<u32>>;
#endif

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  let l = i / step.num_chunks;
  if (l >= step.num_rows) { return; }
  let row_start = l * step.vocab;
  let start = (i % step.num_chunks) * step.chunk;
  let end = min(start + step.chunk, step.vocab);
#if NOISE
  let position = rows[inputs[step.rows_list + l]].position + step.fills_next;
#endif
  var top = -1e30;
  for (var t = start; t < end; t++) {
    if (bias[t] > SUPPRESSED) { top = max(top, logits[row_start + t]); }
  }
#if FILTERED
  let threshold = state[l].w;
#else
  let inverse_temperature = step.inverse_temperature;
#endif
  var sum = 0.0;
  var weighted = 0.0;
  var best = -2e30;
  var best_id = start;
  for (var t = start; t < end; t++) {
    let x = logits[row_start + t];
    if (bias[t] <= SUPPRESSED) { continue; }
    let p = exp(x - top);
    sum += p;
    weighted += p * (x - top);
#if FILTERED
    var key = y[row_start + t];
    if (ordered(key) < threshold) { continue; }
#else
    var key = (x + bias[t]) * inverse_temperature;
#endif
#if NOISE
    key -= log(exponential(step.seed, PURPOSE_TOKEN, position, step.draw, t));
#endif
    if (key > best) { best = key; best_id = t; }
  }
  let at = i * 8u;
  // Floats travel as integers, never the other way: a small integer is a subnormal float, which may be flushed to 0.
  records[at] = bitcast<u32>(top);
  records[at + 1u] = bitcast<u32>(sum);
  records[at + 2u] = bitcast<u32>(weighted);
  records[at + 3u] = bitcast<u32>(best);
  records[at + 4u] = best_id;
  records[at + 5u] = bitcast<u32>(logits[row_start + best_id]);
}
