// what: fills the row records of a forward (token, position, slot, visible keys) and lets the first `keep` rows join
// in: inputs 5 words a row (token or result word | bit 31, position, slot, a, b), results, lengths [sessions]; put_row and put_slot, which store
// constants: none
// share: all rows, by one invocation: others of the forward must not move the length that it reads
// source: own; modes are causal 0, full 1, block 2, tree or segments 3 (a = depth, b = list of rows), rank 4 (a = index, b = horizon or NONE)
fn token_of(row: u32) -> u32 {
  let word = inputs[step.inputs + row * 5u];
  if (word >= 0x80000000u) { return results[word & 0x7fffffffu]; }
  return word;
}

fn prepare_rows() {
  let base = lengths[step.session];
  for (var i = 0u; i < step.num_rows; i++) {
    let at = step.inputs + i * 5u;
    let token = token_of(i);
    let given = inputs[at + 2u];
    let is_overwrite = given != NONE;
    let slot = select(base + i, given, is_overwrite);
    let end = select(base + step.num_rows, base, is_overwrite);
    var row = Row(token, slot - step.lag, slot, slot, slot + 1u, base, NONE, slot);
    switch (step.mode) {
      case 1u: { row.horizon = NONE - 1u; row.count = end; }
      case 2u: {
        row.horizon = (slot / step.block + 1u) * step.block - 1u;
        row.count = min(row.horizon + 1u, end);
      }
      case 3u: {
        row.base = base - step.num_before;
        row.position = row.base + inputs[at + 3u] - step.lag;
        row.horizon = NONE - 1u;
        row.count = row.base + inputs[at + 3u] + 1u;
        row.list = inputs[at + 4u];
      }
      case 4u: {
        row.index = inputs[at + 3u];
        row.horizon = inputs[at + 4u];
        row.count = select(end, 0u, row.horizon == NONE);
      }
      default: {}
    }
    if (inputs[at + 1u] != NONE) { row.position = inputs[at + 1u]; }
    put_row(i, row);
    put_slot(slot, Slot(row.position, row.index, token, 0u));
  }
  lengths[step.session] = base + step.keep;
}
