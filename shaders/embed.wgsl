// what: x[m] = table[token[m]] (times dims.scale if SCALED), or of mask j, token V + j, masks[j]; plus positions[position[m]] (POSITIONS).
//     FEEDS: scaled = x gain; squares: the squares of x in parts, as a feeding matmul leaves them. PREPARES: prepare_rows.wgsl as well, first of all
// in: rows [M], table [count, C] in panels of WEIGHT storage (as matmul reads it): of [V, C] the rows from `first` on, whose tokens alone it does; x [M, C], gain [C], feed: scaled [M, C], then, from dims.squares_at on, squares [M, parts] (FEEDS), scales (QUANTISED: q8),
//     masks [., C] (MASKS), positions [context, C] (POSITIONS)
// constants: PREPARES (then inputs, results, lengths, and records in place of rows: rows, then, from dims.slots_at on, slots), FEEDS, SCALED, MASKS, POSITIONS, …_AT (bindings of what is optional), WEIGHT, QUANTISED, MINS, SCALE_GROUPS (as of matmul), COLUMNS, LANES (of a panel), WORKGROUP_SIZE
// share: one part of a row an invocation: groups of four columns, one in every `parts`
// source: own
#include "rows.wgsl"
#include "invocation.wgsl"
#include "weights.wgsl"
struct Dims { c4: u32, vocab: u32, parts: u32, scale: f32, first: u32, count: u32, squares_at: u32, slots_at: u32 }
@group(0) @binding(1) var<uniform> dims: Dims;
#if PREPARES
@group(0) @binding(2) var<storage, read_write> records: array<vec4<u32>>;
@group(0) @binding(${INPUTS_AT}) var<storage, read> inputs: array<u32>;
@group(0) @binding(${RESULTS_AT}) var<storage, read> results: array<u32>;
@group(0) @binding(${LENGTHS_AT}) var<storage, read_write> lengths: array<u32>;
#include "prepare_rows.wgsl"

fn put_row(i: u32, row: Row) {
  records[i * 2u] = vec4<u32>(row.token, row.position, row.slot, row.horizon);
  records[i * 2u + 1u] = vec4<u32>(row.count, row.base, row.list, row.index);
}

fn put_slot(i: u32, slot: Slot) { records[dims.slots_at + i] = vec4<u32>(slot.position, slot.index, slot.token, slot.unused); }
#else
@group(0) @binding(2) var<storage, read> rows: array<Row>;
#endif
@group(0) @binding(3) var<storage, read> table: array<Weight>;
@group(0) @binding(4) var<storage, read_write> x: array<vec4<f32>>;
#if FEEDS
@group(0) @binding(${GAIN_AT}) var<storage, read> gain: array<vec4<f32>>;
@group(0) @binding(${FEED_AT}) var<storage, read_write> feed: array<vec4<f32>>;
#endif
#if QUANTISED
@group(0) @binding(${SCALES_AT}) var<storage, read> scales: array<Scale>;
#endif
#if MASKS
@group(0) @binding(${MASKS_AT}) var<storage, read> masks: array<vec4<f32>>;
#endif
#if POSITIONS
@group(0) @binding(${POSITIONS_AT}) var<storage, read> positions: array<vec4<f32>>;
#endif

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let i = invocation_index(group, groups, lane);
#if PREPARES
  if (i == 0u) { prepare_rows(); }
#endif
  let row = i / dims.parts;
  if (row >= step.num_rows) { return; }
#if PREPARES
  let given = token_of(row);
#else
  let given = rows[row].token;
#endif
  let token = min(given, dims.vocab - 1u) - dims.first;
  if (token >= dims.count) { return; }
  let size = ${LANES}u * ${COLUMNS}u;
  let panel = token / size * dims.c4 * size;
  let column = token % ${LANES}u * ${COLUMNS}u + token % size / ${LANES}u;
  var square = 0.0;
  for (var c = i % dims.parts; c < dims.c4; c += dims.parts) {
#if QUANTISED
    let block = panel / ${SCALE_GROUPS}u + c / ${SCALE_GROUPS}u * size + column;
    var value = weights_of(widen_0(table[panel + c * size + column]), scales[block]);
#else
    var value = widen_0(table[panel + c * size + column]);
#endif
#if SCALED
    value *= dims.scale;
#endif
#if MASKS
    if (given >= dims.vocab) { value = masks[min((given - dims.vocab) * dims.c4 + c, arrayLength(&masks) - 1u)]; }
#endif
#if POSITIONS
    value += positions[min(rows[row].position * dims.c4 + c, arrayLength(&positions) - 1u)];
#endif
    x[row * dims.c4 + c] = value;
#if FEEDS
    feed[row * dims.c4 + c] = value * gain[c];
    square += dot(value, value);
#endif
  }
#if FEEDS
  feed[dims.squares_at + i / 4u][i % 4u] = square;
#endif
}
