// what: splits a head off a row's projection; norms (QK_NORM) and rotates a query or key by its position; stores keys and values in the cache
// in: qkv [M, (H + 2G) D], records, rope [context, 2, R/2] (cos, sin), norms [2, D] (q, k; [(H + G) D] if QK_WHOLE), work (queries [M, H, D4] first), keys, values [context, G, CELLS] of cells as cache.wgsl has them
// constants: D4, CACHE, CELLS (of a cached head), QK_NORM, QK_WHOLE (all heads of a kind as one); dims.half = R/2, R <= D the rotated part
// share: one head of one row a call
// source: arXiv 2104.09864, in the rotate-half pairing (i, i + R/2) of transformers; D is padded to D4 by zeros
#if CACHE == f32
fn put(is_query: bool, at: u32, value: f32) {
  if (is_query) { work[at / 4u][at % 4u] = value; } else { keys[at / 4u][at % 4u] = value; }
}
#else
// A key or value, whole before it is rounded. Channels from D on stay 0.
var<private> held: array<vec4<f32>, ${D4}>;

fn put(is_query: bool, at: u32, value: f32) {
  if (is_query) { work[at / 4u][at % 4u] = value; } else { held[at / 4u][at % 4u] = value; }
}

// Its largest magnitude; not finite where it has a number that isn't.
fn held_peak() -> f32 {
  var most = 0u;
  // As whole numbers: a maximum of floats may leave NaN out.
  for (var c = 0u; c < ${D4}u; c++) {
    let four = bitcast<vec4<u32>>(held[c]) & vec4<u32>(0x7fffffffu);
    most = max(most, max(max(four.x, four.y), max(four.z, four.w)));
  }
  return bitcast<f32>(most);
}
#endif

fn place_head(m: u32, head: u32) {
  let d = dims.d;
  let src = m * dims.qkv_stride + head * d;
  let padded = ${D4}u * 4u;
  let row = row_at(m);
  let cache = row.slot * dims.groups;
  if (head >= dims.heads + dims.groups) {
    let own = cache + head - dims.heads - dims.groups;
#if CACHE == f32
    let dst = own * padded;
    for (var c = 0u; c < d; c++) { values[(dst + c) / 4u][(dst + c) % 4u] = qkv[src + c]; }
#else
    for (var c = 0u; c < d; c++) { held[c / 4u][c % 4u] = qkv[src + c]; }
    let peak = held_peak();
    for (var c = 0u; c < ${D4}u; c++) { values[own * ${CELLS}u + c] = closed(held[c], peak); }
#if CACHE == q8
    values[own * ${CELLS}u + ${D4}u] = bitcast<u32>(peak);
#endif
#endif
    return;
  }
  let is_query = head < dims.heads;
  var scale = 1.0;
#if QK_NORM
  var sum = 0.0;
#if QK_WHOLE
  let first = m * dims.qkv_stride + select(dims.heads * d, 0u, is_query);
  let size = select(dims.groups, dims.heads, is_query) * d;
  // Their gains lie as the heads do.
  let norm = head * d;
#else
  let first = src;
  let size = d;
  let norm = select(d, 0u, is_query);
#endif
  for (var c = 0u; c < size; c++) { sum += qkv[first + c] * qkv[first + c]; }
  scale = 1.0 / sqrt(sum / f32(size) + dims.eps);
#endif
  let half = dims.half;
  let angle = min(row.position, dims.max_position) * half * 2u;
#if CACHE == f32
  let dst = select((cache + head - dims.heads) * padded, (m * dims.heads + head) * padded, is_query);
#else
  let dst = select(0u, (m * dims.heads + head) * padded, is_query);
#endif
  for (var c = 0u; c < half; c++) {
    var a = qkv[src + c];
    var b = qkv[src + c + half];
#if QK_NORM
    a = a * scale * gain(norm + c);
    b = b * scale * gain(norm + c + half);
#endif
    let cosine = rope[angle + c];
    let sine = rope[angle + half + c];
    put(is_query, dst + c, a * cosine - b * sine);
    put(is_query, dst + c + half, b * cosine + a * sine);
  }
  for (var c = half * 2u; c < d; c++) {
    var a = qkv[src + c];
#if QK_NORM
    a = a * scale * gain(norm + c);
#endif
    put(is_query, dst + c, a);
  }
#if CACHE != f32
  if (is_query) { return; }
  let own = (cache + head - dims.heads) * ${CELLS}u;
  let peak = held_peak();
  for (var c = 0u; c < ${D4}u; c++) { keys[own + c] = closed(held[c], peak); }
#if CACHE == q8
  keys[own + ${D4}u] = bitcast<u32>(peak);
#endif
#endif
}

#if QK_NORM
fn gain(index: u32) -> f32 { return norms[index / 4u][index % 4u]; }
#endif
