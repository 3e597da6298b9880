// what: adds GROUPS times four terms to every sum of a tile: the inner text of the matmul kernels
// in: from around it: k (groups of four), x<m> (first group of a row of x), at<t> (block of weights), scales<t> (QUANTISED)
// constants: ROWS, PARTS, COLUMNS, GROUPS, QUANTISED, GATED
// share: -
// source: own
#for g in 0..GROUPS
#for m in 0..ROWS
    let x${m}_${g} = x[x${m} + k + ${g}u];
#endfor
#endfor
#for t in 0..PARTS
#if ROWS == 1
    let block${t} = w[at${t}];
#else
    // With many sums alive, a whole block would push them out of the registers.
    let block${t} = &w[at${t}];
#endif
#for n in 0..COLUMNS
#for g in 0..GROUPS
#if QUANTISED
    let w${t}_${n}_${g} = widen_${g}(block${t}.w${n}) * scales${t}.w${n};
#else
    let w${t}_${n}_${g} = widen_${g}(block${t}.w${n});
#endif
#for m in 0..ROWS
    a${m}_${t}_${n} += dot(x${m}_${g}, w${t}_${n}_${g});
#endfor
#if GATED
#if QUANTISED
    let u${t}_${n}_${g} = widen_${g}(block${t}.u${n}) * scales${t}.u${n};
#else
    let u${t}_${n}_${g} = widen_${g}(block${t}.u${n});
#endif
#for m in 0..ROWS
    b${m}_${t}_${n} += dot(x${m}_${g}, u${t}_${n}_${g});
#endfor
#endif
#endfor
#endfor
#endfor
