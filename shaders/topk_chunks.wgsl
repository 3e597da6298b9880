// what: the k largest x of a chunk, largest first, lowest id first on ties. OF logits: those; race: (logit + bias) / T, less log E
//     for NOISE; law: log w - log E by the noise of a round's first draft
// in: logits [L, V] or of a law w [R, V] from row law_row on, lists [L, chunks, k, 2] (bits of x, id), but for logits rows [M],
//     inputs (row list), but for a law bias [V], whose suppressed ids are left out; a short chunk is filled with -1e30; of a race with a logit that isn't finite the first id is NO_TOKEN
// constants: OF = logits | race | law, NOISE (of a race; else greedy), BIAS_AT (its binding), WORKGROUP_SIZE
// share: one chunk of a row an invocation
// source: own (insertion into a sorted list)
#if OF != logits
#include "rows_records.wgsl"
#endif
#include "select_step.wgsl"
#include "invocation.wgsl"
#if NOISE
#include "noise.wgsl"
#endif
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read_write> lists: array<vec2<u32>>;
#if OF != logits
@group(0) @binding(3) var<storage, read> rows: array<Row>;
@group(0) @binding(4) var<storage, read> inputs: array<u32>;
#endif
#if OF != law
@group(0) @binding(${BIAS_AT}) var<storage, read> bias: array<f32>;
#endif

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  let l = i / step.num_chunks;
  if (l >= step.num_rows) { return; }
  let start = (i % step.num_chunks) * step.chunk;
  let end = min(start + step.chunk, step.vocab);
  let at = i * step.k;
#if NOISE
  let position = rows[inputs[step.rows_list + l]].position + step.fills_next;
#endif
#if OF == race
  var largest = 0u;
#endif
  for (var e = 0u; e < step.k; e++) { lists[at + e] = vec2<u32>(bitcast<u32>(-1e30), 0u); }
  for (var t = start; t < end; t++) {
#if OF == law
    let weight = logits[(step.law_row + l) * step.vocab + t];
    if (weight <= 0.0) { continue; }
    let x = log(weight) - log(exponential(step.seed, step.purpose, position, position * 64u, t));
#else
    if (bias[t] <= SUPPRESSED) { continue; }
#if OF == race
    let logit = logits[l * step.vocab + t];
    largest = max(largest, magnitude(logit));
    var x = (logit + bias[t]) * step.inverse_temperature;
#if NOISE
    x -= log(exponential(step.seed, step.purpose, position, step.draw, t));
#endif
#else
    let x = logits[l * step.vocab + t];
#endif
#endif
    if (x <= bitcast<f32>(lists[at + step.k - 1u].x)) { continue; }
    var e = step.k - 1u;
    while (e > 0u && bitcast<f32>(lists[at + e - 1u].x) < x) {
      lists[at + e] = lists[at + e - 1u];
      e--;
    }
    lists[at + e] = vec2<u32>(bitcast<u32>(x), t);
  }
#if OF == race
  if (largest >= INFINITE) { lists[at].y = NO_TOKEN; }
#endif
}
