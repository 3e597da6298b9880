// what: adds GROUPS times four terms to every sum of a tile: the inner text of the matmul kernels
// in: from around it: k (groups of four), x<m> (first group of a row of x), at (block of weights), block_scales (QUANTISED)
// constants: ROWS, COLUMNS, GROUPS, QUANTISED, HALF, GATED
// share: -
// source: own
#for g in 0..GROUPS
#for m in 0..ROWS
#if HALF
    let x${m}_${g} = vec4<f16>(x[x${m} + k + ${g}u]);
#else
    let x${m}_${g} = x[x${m} + k + ${g}u];
#endif
#endfor
#endfor
#if ROWS == 1
    let block = w[at];
#else
    // With many sums alive, a whole block would push them out of the registers.
    let block = &w[at];
#endif
#for n in 0..COLUMNS
#for g in 0..GROUPS
#if QUANTISED
#if HALF
    let w${n}_${g} = vec4<f16>(weights_of(widen_${g}(block.w${n}), block_scales.w${n}));
#else
    let w${n}_${g} = weights_of(widen_${g}(block.w${n}), block_scales.w${n});
#endif
#else
#if HALF
    let w${n}_${g} = narrow_${g}(block.w${n});
#else
    let w${n}_${g} = widen_${g}(block.w${n});
#endif
#endif
#for m in 0..ROWS
    a${m}_${n} += f32(dot(x${m}_${g}, w${n}_${g}));
#endfor
#if GATED
#if QUANTISED
#if HALF
    let u${n}_${g} = vec4<f16>(weights_of(widen_${g}(block.u${n}), block_scales.u${n}));
#else
    let u${n}_${g} = weights_of(widen_${g}(block.u${n}), block_scales.u${n});
#endif
#else
#if HALF
    let u${n}_${g} = narrow_${g}(block.u${n});
#else
    let u${n}_${g} = widen_${g}(block.u${n});
#endif
#endif
#for m in 0..ROWS
    b${m}_${n} += f32(dot(x${m}_${g}, u${n}_${g}));
#endfor
#endif
#endfor
#endfor
