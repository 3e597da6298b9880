// what: rows in blocks of 32: codes = x in units of (largest magnitude / 127), rounded to signed bytes; the unit isn't finite where x isn't; row m is x[m], or the m-th listed one
// in: x [M, K], rounded [M, K/32] of blocks
// constants: GATHER (rows are those from step.rows_list on)
// share: one block an invocation
// source: own; rounding as ggml's Q8_0 (ggml-quants.c). A row is rounded by itself, so its bits don't depend on its company
#include "rows.wgsl"
#include "invocation.wgsl"
#include "rounded_block.wgsl"
@group(0) @binding(1) var<uniform> num_blocks: u32;
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> rounded: array<RoundedBlock>;
#if GATHER
@group(0) @binding(4) var<storage, read> inputs: array<u32>;
#endif

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
  let m = i / num_blocks;
  if (m >= step.num_rows) { return; }
#if GATHER
  let row = inputs[step.rows_list + m];
#else
  let row = m;
#endif
  let start = (row * num_blocks + i % num_blocks) * 8u;
  var peaks = vec4<f32>(0.0);
  // Bytes have no NaN, and a maximum may leave it out.
  var magnitudes = vec4<u32>(0u);
#for j in 0..8
  let x${j} = x[start + ${j}u];
  peaks = max(peaks, abs(x${j}));
  magnitudes = max(magnitudes, bitcast<vec4<u32>>(x${j}) & vec4<u32>(0x7fffffffu));
#endfor
  let peak = max(max(peaks.x, peaks.y), max(peaks.z, peaks.w));
  let inverse = 1.0 / max(peak, 1e-30);
#for j in 0..8
  rounded[i].codes[${j}] = pack4x8snorm(x${j} * inverse);
#endfor
  let largest = max(max(magnitudes.x, magnitudes.y), max(magnitudes.z, magnitudes.w));
  rounded[i].unit = select(peak / 127.0, bitcast<f32>(largest), largest >= 0x7f800000u);
}
