// what: laws[r][t] = w = exp(y - max) of what survives the filters, else 0, and the sums of w and w (y - max) over each chunk, for r = law_row + l
// in: y [L, W], state [L], laws [R, V], sums [R, chunks]; W is step.width, and V may be more or fewer tokens, of which padding alone is in one of the two
// constants: QUADS, WORKGROUP_SIZE
// share: one chunk of a row an invocation
// source: own
#include "select_step.wgsl"
#include "filter_state.wgsl"
#include "invocation.wgsl"
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> state: array<FilterState>;
@group(0) @binding(3) var<storage, read_write> laws: array<f32>;
@group(0) @binding(4) var<storage, read_write> sums: array<vec2<f32>>;

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  let l = i / step.num_chunks;
  if (l >= step.num_rows) { return; }
  let c = i % step.num_chunks;
  let start = c * step.chunk;
  let end = min(start + step.chunk, step.vocab);
  let from_ = l * step.width;
  let to = (step.law_row + l) * step.vocab;
  let top = state[l].top;
  let threshold = state[l].threshold;
  var sum = vec2<f32>(0.0);
  for (var t = start; t < end; t++) {
    if (t >= step.width) { laws[to + t] = 0.0; continue; }
    let value = y[from_ + t];
    let weight = select(0.0, exp(value - top), ordered(value) >= threshold);
    laws[to + t] = weight;
    sum += vec2<f32>(weight, weight * (value - top));
  }
  sums[(step.law_row + l) * step.num_chunks + c] = sum;
}
