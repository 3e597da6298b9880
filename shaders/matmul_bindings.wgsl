// what: what the matmul kernels bind, and the weights of a block
// in: as matmul.wgsl says
// constants: those of matmul.wgsl
// share: -
// source: own
#if HALF
enable f16;
#endif
#include "rows.wgsl"
#include "weights.wgsl"
#if HALF
#if WEIGHT == f16
fn narrow_0(w: Weight) -> vec4<f16> { return bitcast<vec4<f16>>(w); }
#else
fn narrow_0(w: Weight) -> vec4<f16> { return vec4<f16>(widen_0(w)); }
#endif
#endif
#if INT8
#include "weights_int8.wgsl"
#include "rounded_block.wgsl"
#endif
struct Dims { n: u32, k4: u32, y_stride: u32, up_row: u32, square_groups: u32, size: f32, eps: f32, soft_cap: f32 }
struct Block {
#for n in 0..COLUMNS
  w${n}: Weight,
#endfor
#if GATED
#for n in 0..COLUMNS
  u${n}: Weight,
#endfor
#endif
}
#if QUANTISED
struct Scales {
#for n in 0..COLUMNS
  w${n}: Scale,
#endfor
#if GATED
#for n in 0..COLUMNS
  u${n}: Scale,
#endfor
#endif
}
@group(0) @binding(${SCALES_AT}) var<storage, read> scales: array<Scales>;
#endif
@group(0) @binding(1) var<uniform> dims: Dims;
#if INT8
@group(0) @binding(2) var<storage, read> x: array<RoundedBlock>;
#else
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;
#endif
@group(0) @binding(3) var<storage, read> w: array<Block>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
#if BIAS
@group(0) @binding(${BIAS_AT}) var<storage, read> bias: array<f32>;
#endif
#if DELTA
@group(0) @binding(${DELTA_AT}) var<storage, read> delta: array<f32>;
#endif
#if NORMED
@group(0) @binding(${SQUARES_AT}) var<storage, read> squares: array<vec4<f32>>;
#endif
#if GATHER
@group(0) @binding(${INPUTS_AT}) var<storage, read> inputs: array<u32>;
#endif
#if FEEDS
@group(0) @binding(${SQUARES_AT}) var<storage, read_write> squares: array<f32>;
@group(0) @binding(${GAIN_AT}) var<storage, read> gain: array<f32>;
@group(0) @binding(${SCALED_AT}) var<storage, read_write> scaled: array<f32>;
#endif
