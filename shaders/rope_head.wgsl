// what: splits a head off a row's projection; norms (QK_NORM) and rotates a query or key by its position; stores keys and values in the cache
// in: qkv [M, (H + 2G) D], records, rope [context, 2, R/2] (cos, sin), norms [2, D] (q, k), work (queries [M, H, D4] first), keys, values [context, G, D4]
// constants: D4, QK_NORM; dims.half = R/2, R <= D the rotated part
// share: one head of one row a call
// source: arXiv 2104.09864, in the rotate-half pairing (i, i + R/2) of transformers; D is padded to D4 by zeros
fn put(is_query: bool, at: u32, value: f32) {
  if (is_query) { work[at / 4u][at % 4u] = value; } else { keys[at / 4u][at % 4u] = value; }
}

fn place_head(m: u32, head: u32) {
  let d = dims.d;
  let src = m * dims.qkv_stride + head * d;
  let padded = ${D4}u * 4u;
  let row = row_at(m);
  let cache = row.slot * dims.groups;
  if (head >= dims.heads + dims.groups) {
    let dst = (cache + head - dims.heads - dims.groups) * padded;
    for (var c = 0u; c < d; c++) { values[(dst + c) / 4u][(dst + c) % 4u] = qkv[src + c]; }
    return;
  }
  let is_query = head < dims.heads;
  var scale = 1.0;
#if QK_NORM
  var sum = 0.0;
  for (var c = 0u; c < d; c++) { sum += qkv[src + c] * qkv[src + c]; }
  scale = 1.0 / sqrt(sum / f32(dims.d) + dims.eps);
  let norm = select(dims.d, 0u, is_query);
#endif
  let half = dims.half;
  let angle = min(row.position, dims.max_position) * half * 2u;
  let dst = select((cache + head - dims.heads) * padded, (m * dims.heads + head) * padded, is_query);
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
}

#if QK_NORM
fn gain(index: u32) -> f32 { return norms[index / 4u][index % 4u]; }
#endif
