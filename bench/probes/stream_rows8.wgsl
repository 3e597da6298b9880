// what: y[n] = sum_k x[k] w[n][k] for one row of x: a probe, the simplest kernel that streams the weights once
// in: dims (n, k / 4, m), x [K], w [N, K] row-major, y [N]
// constants: none
// share: 8 rows of w an invocation, 16 apart, so that lanes read neighbouring rows
// source: own
struct Dims { n: u32, k4: u32, m: u32, pad: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(16)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let n = group.x * 128u + lane;
  let k4 = dims.k4;
  let stride = 16u * k4;
  var at = n * k4;
  var a0 = 0.0; var a1 = 0.0; var a2 = 0.0; var a3 = 0.0;
  var a4 = 0.0; var a5 = 0.0; var a6 = 0.0; var a7 = 0.0;
  for (var k = 0u; k < k4; k++) {
    let v = x[k];
    a0 += dot(v, w[at]);
    a1 += dot(v, w[at + stride]);
    a2 += dot(v, w[at + 2u * stride]);
    a3 += dot(v, w[at + 3u * stride]);
    a4 += dot(v, w[at + 4u * stride]);
    a5 += dot(v, w[at + 5u * stride]);
    a6 += dot(v, w[at + 6u * stride]);
    a7 += dot(v, w[at + 7u * stride]);
    at++;
  }
  let sums = array<f32, 8>(a0, a1, a2, a3, a4, a5, a6, a7);
  for (var i = 0u; i < 8u; i++) {
    if (n + i * 16u < dims.n) { y[n + i * 16u] = sums[i]; }
  }
}
