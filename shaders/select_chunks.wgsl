// what: per chunk of a row: max, sum exp(x - max), sum (x - max) exp(x - max) of the raw law; best y - log E and its id (NO_TOKEN where a logit isn't finite); MEASURED: the id of max, and the second largest x
// in: logits x [L, V], bias [V], rows [M], inputs (row list), y [L, V], state [L] and kept [L, V] (FILTERED), records [L, chunks, 8]
// constants: FILTERED (y and its threshold were made by the filter kernels), QUADS, NOISE (else greedy), MEASURED, WORKGROUP_SIZE
// share: one chunk of a row an invocation
// source: Gumbel-max as an exponential race (research: arXiv 2409.02908 on why small E must be resolved); lowest id on ties
#include "rows_records.wgsl"
#include "select_step.wgsl"
#if FILTERED
#include "filter_state.wgsl"
#endif
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
@group(0) @binding(7) var<storage, read> state: array<FilterState>;
@group(0) @binding(8) var<storage, read_write> kept: array<u32>;
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
  // A draft's noise is its round's and chain's own; a round is known by the position of its first draft.
  let draw = step.draw + select((position - step.depth) * 64u + l, 0u, step.purpose == PURPOSE_TOKEN);
#endif
  var top = -1e30;
#if MEASURED
  var top_id = start;
  var second = -1e30;
  for (var t = start; t < end; t++) {
    if (bias[t] <= SUPPRESSED) { continue; }
    let x = logits[row_start + t];
    second = max(second, min(x, top));
    if (x > top) { top = x; top_id = t; }
  }
#else
  for (var t = start; t < end; t++) {
    if (bias[t] > SUPPRESSED) { top = max(top, logits[row_start + t]); }
  }
#endif
#if FILTERED
  let threshold = state[l].threshold;
#else
  let inverse_temperature = step.inverse_temperature;
#endif
  var sum = 0.0;
  var weighted = 0.0;
  var best = -2e30;
  var best_id = start;
  var largest = 0u;
#if FILTERED
#if NOISE
  // Noise is dear, and a masked branch costs what a taken one does: what survives is listed first.
  var to = row_start + start;
#endif
#endif
  for (var t = start; t < end; t++) {
    let x = logits[row_start + t];
    if (bias[t] <= SUPPRESSED) { continue; }
    largest = max(largest, magnitude(x));
    let p = exp(x - top);
    sum += p;
    weighted += p * (x - top);
#if FILTERED
    let value = y[row_start + t];
    if (ordered(value) < threshold) { continue; }
#if NOISE
    kept[to] = t;
    to++;
#else
    if (value > best) { best = value; best_id = t; }
#endif
#else
    var key = (x + bias[t]) * inverse_temperature;
#if NOISE
    key -= log(exponential(step.seed, step.purpose, position, draw, t));
#endif
    if (key > best) { best = key; best_id = t; }
#endif
  }
#if FILTERED
#if NOISE
  for (var n = row_start + start; n < to; n++) {
    let t = kept[n];
    let key = y[row_start + t] - log(exponential(step.seed, step.purpose, position, draw, t));
    if (key > best) { best = key; best_id = t; }
  }
#endif
#endif
  let at = i * 8u;
  // Floats travel as integers, never the other way: a small integer is a subnormal float, which may be flushed to 0.
  records[at] = bitcast<u32>(top);
  records[at + 1u] = bitcast<u32>(sum);
  records[at + 2u] = bitcast<u32>(weighted);
  records[at + 3u] = bitcast<u32>(best);
  records[at + 4u] = select(best_id, NO_TOKEN, largest >= INFINITE);
  records[at + 5u] = bitcast<u32>(logits[row_start + best_id]);
#if MEASURED
  records[at + 6u] = top_id;
  records[at + 7u] = bitcast<u32>(second);
#endif
}
