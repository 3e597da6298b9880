// what: fills a forward's row records and slots, as prepare_rows.wgsl says
// in: inputs, results, lengths, rows [M], slots [context]
// constants: none
// share: all rows, by one invocation
// source: own; for embeddings that bind too much to do it beside (embed.wgsl)
#include "rows.wgsl"
@group(0) @binding(1) var<storage, read> inputs: array<u32>;
@group(0) @binding(2) var<storage, read> results: array<u32>;
@group(0) @binding(3) var<storage, read_write> lengths: array<u32>;
@group(0) @binding(4) var<storage, read_write> rows: array<Row>;
@group(0) @binding(5) var<storage, read_write> slots: array<Slot>;
#include "prepare_rows.wgsl"

fn put_row(i: u32, row: Row) { rows[i] = row; }
fn put_slot(i: u32, slot: Slot) { slots[i] = slot; }

@compute @workgroup_size(1)
fn main() { prepare_rows(); }
