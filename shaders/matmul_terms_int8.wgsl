// what: adds the terms of one block of 32 to every sum of a tile, of rows that were rounded to 8 bits: whole numbers are summed
// in: from around it: k (groups of four), x<m> (first block of a row of x), at (first block of weights), block_scales
// constants: ROWS, COLUMNS, GROUPS, WORDS (8 / GROUPS), STRIDE (from a block of weights to the next), GATED, WEIGHT = q8 | q4
// share: -
// source: own
#for m in 0..ROWS
#for j in 0..8
    let x${m}_${j} = x[x${m} + k / 8u].codes[${j}];
#endfor
    let codes${m} = array<u32, 8>(
#for j in 0..8
    x${m}_${j},
#endfor
    );
    let unit${m} = x[x${m} + k / 8u].unit * CODE_UNIT;
#endfor
#for n in 0..COLUMNS
#for m in 0..ROWS
    var a_sum${m}_${n} = 0i;
#if GATED
    var b_sum${m}_${n} = 0i;
#endif
#endfor
#endfor
#for j in 0..WORDS
#if ROWS == 1
    let block${j} = w[at + ${j}u * ${STRIDE}u];
#else
    let block${j} = &w[at + ${j}u * ${STRIDE}u];
#endif
#for n in 0..COLUMNS
#for g in 0..GROUPS
    let w${j}_${n}_${g} = signed_${g}(block${j}.w${n});
#for m in 0..ROWS
    a_sum${m}_${n} += dot_of_four(codes${m}[${j}u * ${GROUPS}u + ${g}u], w${j}_${n}_${g});
#endfor
#if GATED
    let u${j}_${n}_${g} = signed_${g}(block${j}.u${n});
#for m in 0..ROWS
    b_sum${m}_${n} += dot_of_four(codes${m}[${j}u * ${GROUPS}u + ${g}u], u${j}_${n}_${g});
#endfor
#endif
#endfor
#endfor
#endfor
#for n in 0..COLUMNS
#for m in 0..ROWS
    a${m}_${n} += f32(a_sum${m}_${n}) * (unit${m} * block_scales.w${n});
#if GATED
    b${m}_${n} += f32(b_sum${m}_${n}) * (unit${m} * block_scales.u${n});
#endif
#endfor
#endfor
