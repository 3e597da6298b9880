// what: y[m][n] = sum_k x[m][k] w[n][k]: a probe, 8 rows of x by 8 of w in registers
// in: dims (n, k / 4, m), x [M padded to 8, K], w [N, K] row-major, y [M padded to 8, N]
// constants: none
// share: 8 rows of x by 8 of w an invocation, those of w 4 apart
// source: own
struct Dims { n: u32, k4: u32, m: u32, pad: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(4)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let n = group.x * 32u + lane;
  let m = group.y * 8u;
  let k4 = dims.k4;
  let stride = 4u * k4;
  let w_start = n * k4;
  let x_start = m * k4;
  var a00 = 0.0; var a01 = 0.0; var a02 = 0.0; var a03 = 0.0; var a04 = 0.0; var a05 = 0.0; var a06 = 0.0; var a07 = 0.0;
  var a10 = 0.0; var a11 = 0.0; var a12 = 0.0; var a13 = 0.0; var a14 = 0.0; var a15 = 0.0; var a16 = 0.0; var a17 = 0.0;
  var a20 = 0.0; var a21 = 0.0; var a22 = 0.0; var a23 = 0.0; var a24 = 0.0; var a25 = 0.0; var a26 = 0.0; var a27 = 0.0;
  var a30 = 0.0; var a31 = 0.0; var a32 = 0.0; var a33 = 0.0; var a34 = 0.0; var a35 = 0.0; var a36 = 0.0; var a37 = 0.0;
  var a40 = 0.0; var a41 = 0.0; var a42 = 0.0; var a43 = 0.0; var a44 = 0.0; var a45 = 0.0; var a46 = 0.0; var a47 = 0.0;
  var a50 = 0.0; var a51 = 0.0; var a52 = 0.0; var a53 = 0.0; var a54 = 0.0; var a55 = 0.0; var a56 = 0.0; var a57 = 0.0;
  var a60 = 0.0; var a61 = 0.0; var a62 = 0.0; var a63 = 0.0; var a64 = 0.0; var a65 = 0.0; var a66 = 0.0; var a67 = 0.0;
  var a70 = 0.0; var a71 = 0.0; var a72 = 0.0; var a73 = 0.0; var a74 = 0.0; var a75 = 0.0; var a76 = 0.0; var a77 = 0.0;
  for (var k = 0u; k < k4; k++) {
    let x0 = x[x_start + 0u * k4 + k];
    let x1 = x[x_start + 1u * k4 + k];
    let x2 = x[x_start + 2u * k4 + k];
    let x3 = x[x_start + 3u * k4 + k];
    let x4 = x[x_start + 4u * k4 + k];
    let x5 = x[x_start + 5u * k4 + k];
    let x6 = x[x_start + 6u * k4 + k];
    let x7 = x[x_start + 7u * k4 + k];
    let w0 = w[w_start + 0u * stride + k];
    a00 += dot(x0, w0); a10 += dot(x1, w0); a20 += dot(x2, w0); a30 += dot(x3, w0); a40 += dot(x4, w0); a50 += dot(x5, w0); a60 += dot(x6, w0); a70 += dot(x7, w0);
    let w1 = w[w_start + 1u * stride + k];
    a01 += dot(x0, w1); a11 += dot(x1, w1); a21 += dot(x2, w1); a31 += dot(x3, w1); a41 += dot(x4, w1); a51 += dot(x5, w1); a61 += dot(x6, w1); a71 += dot(x7, w1);
    let w2 = w[w_start + 2u * stride + k];
    a02 += dot(x0, w2); a12 += dot(x1, w2); a22 += dot(x2, w2); a32 += dot(x3, w2); a42 += dot(x4, w2); a52 += dot(x5, w2); a62 += dot(x6, w2); a72 += dot(x7, w2);
    let w3 = w[w_start + 3u * stride + k];
    a03 += dot(x0, w3); a13 += dot(x1, w3); a23 += dot(x2, w3); a33 += dot(x3, w3); a43 += dot(x4, w3); a53 += dot(x5, w3); a63 += dot(x6, w3); a73 += dot(x7, w3);
    let w4 = w[w_start + 4u * stride + k];
    a04 += dot(x0, w4); a14 += dot(x1, w4); a24 += dot(x2, w4); a34 += dot(x3, w4); a44 += dot(x4, w4); a54 += dot(x5, w4); a64 += dot(x6, w4); a74 += dot(x7, w4);
    let w5 = w[w_start + 5u * stride + k];
    a05 += dot(x0, w5); a15 += dot(x1, w5); a25 += dot(x2, w5); a35 += dot(x3, w5); a45 += dot(x4, w5); a55 += dot(x5, w5); a65 += dot(x6, w5); a75 += dot(x7, w5);
    let w6 = w[w_start + 6u * stride + k];
    a06 += dot(x0, w6); a16 += dot(x1, w6); a26 += dot(x2, w6); a36 += dot(x3, w6); a46 += dot(x4, w6); a56 += dot(x5, w6); a66 += dot(x6, w6); a76 += dot(x7, w6);
    let w7 = w[w_start + 7u * stride + k];
    a07 += dot(x0, w7); a17 += dot(x1, w7); a27 += dot(x2, w7); a37 += dot(x3, w7); a47 += dot(x4, w7); a57 += dot(x5, w7); a67 += dot(x6, w7); a77 += dot(x7, w7);
  }
  if (n + 0u < dims.n) {
    let at = m * dims.n + n + 0u;
    y[at + 0u * dims.n] = a00; y[at + 1u * dims.n] = a10; y[at + 2u * dims.n] = a20; y[at + 3u * dims.n] = a30;
    y[at + 4u * dims.n] = a40; y[at + 5u * dims.n] = a50; y[at + 6u * dims.n] = a60; y[at + 7u * dims.n] = a70;
  }
  if (n + 4u < dims.n) {
    let at = m * dims.n + n + 4u;
    y[at + 0u * dims.n] = a01; y[at + 1u * dims.n] = a11; y[at + 2u * dims.n] = a21; y[at + 3u * dims.n] = a31;
    y[at + 4u * dims.n] = a41; y[at + 5u * dims.n] = a51; y[at + 6u * dims.n] = a61; y[at + 7u * dims.n] = a71;
  }
  if (n + 8u < dims.n) {
    let at = m * dims.n + n + 8u;
    y[at + 0u * dims.n] = a02; y[at + 1u * dims.n] = a12; y[at + 2u * dims.n] = a22; y[at + 3u * dims.n] = a32;
    y[at + 4u * dims.n] = a42; y[at + 5u * dims.n] = a52; y[at + 6u * dims.n] = a62; y[at + 7u * dims.n] = a72;
  }
  if (n + 12u < dims.n) {
    let at = m * dims.n + n + 12u;
    y[at + 0u * dims.n] = a03; y[at + 1u * dims.n] = a13; y[at + 2u * dims.n] = a23; y[at + 3u * dims.n] = a33;
    y[at + 4u * dims.n] = a43; y[at + 5u * dims.n] = a53; y[at + 6u * dims.n] = a63; y[at + 7u * dims.n] = a73;
  }
  if (n + 16u < dims.n) {
    let at = m * dims.n + n + 16u;
    y[at + 0u * dims.n] = a04; y[at + 1u * dims.n] = a14; y[at + 2u * dims.n] = a24; y[at + 3u * dims.n] = a34;
    y[at + 4u * dims.n] = a44; y[at + 5u * dims.n] = a54; y[at + 6u * dims.n] = a64; y[at + 7u * dims.n] = a74;
  }
  if (n + 20u < dims.n) {
    let at = m * dims.n + n + 20u;
    y[at + 0u * dims.n] = a05; y[at + 1u * dims.n] = a15; y[at + 2u * dims.n] = a25; y[at + 3u * dims.n] = a35;
    y[at + 4u * dims.n] = a45; y[at + 5u * dims.n] = a55; y[at + 6u * dims.n] = a65; y[at + 7u * dims.n] = a75;
  }
  if (n + 24u < dims.n) {
    let at = m * dims.n + n + 24u;
    y[at + 0u * dims.n] = a06; y[at + 1u * dims.n] = a16; y[at + 2u * dims.n] = a26; y[at + 3u * dims.n] = a36;
    y[at + 4u * dims.n] = a46; y[at + 5u * dims.n] = a56; y[at + 6u * dims.n] = a66; y[at + 7u * dims.n] = a76;
  }
  if (n + 28u < dims.n) {
    let at = m * dims.n + n + 28u;
    y[at + 0u * dims.n] = a07; y[at + 1u * dims.n] = a17; y[at + 2u * dims.n] = a27; y[at + 3u * dims.n] = a37;
    y[at + 4u * dims.n] = a47; y[at + 5u * dims.n] = a57; y[at + 6u * dims.n] = a67; y[at + 7u * dims.n] = a77;
  }
}
