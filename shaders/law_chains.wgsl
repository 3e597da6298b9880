// what: which of K chains agree: logit row 1 + d K + c reads the draft of depth d in chain c
// in: step.k = K (a single chain is K = 1), rows [M], inputs (row list)
// constants: DISTINCT (chains whose first drafts were drawn without replacement)
// share: -
// source: own
// The chains whose text up to the row's depth is the row's own, a bit each; all behind the known text.
fn agreeing(row: u32) -> u32 {
  let all = 0xffffffffu >> (32u - step.k);
  if (row == 0u) { return all; }
  let own = (row - 1u) % step.k;
  var chains = all;
  for (var first = 1u; first <= row; first += step.k) {
    let token = rows[inputs[step.rows_list + first + own]].token;
    for (var c = 0u; c < step.k; c++) {
      if (rows[inputs[step.rows_list + first + c]].token != token) { chains &= ~(1u << c); }
    }
  }
  return chains;
}

// The chains whose drafts behind the row are tried, in order. A DISTINCT one is alone behind its first draft: an equal one of a later
// chain fills a place where the law had no more tokens, and what is behind that doesn't count.
fn tried(row: u32) -> u32 {
#if DISTINCT
  if (row > 0u) { return 1u << firstTrailingBit(agreeing(row)); }
#endif
  return agreeing(row);
}
