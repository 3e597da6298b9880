// what: adds the terms of one block of 32 to every sum of a tile, of rows that were rounded to 8 bits: whole numbers are summed
// in: from around it: k (groups of four), x<m> (first block of a row of x), at<t> (first block of weights), scales<t>
// constants: ROWS, PARTS, COLUMNS, GROUPS, WORDS (8 / GROUPS), STRIDE (from a block of weights to the next), GATED, WEIGHT = q8 | q4
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
#for t in 0..PARTS
#for n in 0..COLUMNS
    {
#for m in 0..ROWS
      var sum${m} = 0i;
#endfor
#for j in 0..WORDS
      let word${j} = w[at${t} + ${j}u * ${STRIDE}u].w${n};
#for g in 0..GROUPS
      let w${j}_${g} = signed_${g}(word${j});
#for m in 0..ROWS
      sum${m} += dot_of_four(codes${m}[${j}u * ${GROUPS}u + ${g}u], w${j}_${g});
#endfor
#endfor
#endfor
#for m in 0..ROWS
      a${m}_${t}_${n} += f32(sum${m}) * (unit${m} * scales${t}.w${n});
#endfor
    }
#if GATED
    {
#for m in 0..ROWS
      var sum${m} = 0i;
#endfor
#for j in 0..WORDS
      let word${j} = w[at${t} + ${j}u * ${STRIDE}u].u${n};
#for g in 0..GROUPS
      let w${j}_${g} = signed_${g}(word${j});
#for m in 0..ROWS
      sum${m} += dot_of_four(codes${m}[${j}u * ${GROUPS}u + ${g}u], w${j}_${g});
#endfor
#endfor
#endfor
#for m in 0..ROWS
      b${m}_${t}_${n} += f32(sum${m}) * (unit${m} * scales${t}.u${n});
#endfor
    }
#endif
#endfor
#endfor
