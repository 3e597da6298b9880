// what: which row and lane an invocation is; sum and largest of what a workgroup's lanes hold, in each of them, to be called by all of them at once
// in: a value a lane
// constants: LANES (a power of two)
// share: a row by the LANES lanes of a workgroup; of one lane nothing is shared, and a workgroup has a row for each invocation
// source: own; merged in a tree, so that the order is the same for any number of rows
#include "invocation.wgsl"
#if LANES != 1
var<workgroup> partial: array<f32, ${LANES}>;
#endif

fn lane_row(group: vec3<u32>, groups: vec3<u32>, index: u32) -> u32 {
#if LANES == 1
  return invocation_index(group, groups, index);
#else
  return group.y * groups.x + group.x;
#endif
}

fn own_lane(index: u32) -> u32 {
#if LANES == 1
  return 0u;
#else
  return index;
#endif
}

fn total(own: vec4<f32>, lane: u32) -> f32 {
#if LANES == 1
  return dot(own, vec4<f32>(1.0));
#else
  partial[lane] = dot(own, vec4<f32>(1.0));
  for (var half = ${LANES}u / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { partial[lane] += partial[lane + half]; }
  }
  workgroupBarrier();
  let sum = partial[0];
  workgroupBarrier();
  return sum;
#endif
}

fn largest(own: f32, lane: u32) -> f32 {
#if LANES == 1
  return own;
#else
  partial[lane] = own;
  for (var half = ${LANES}u / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { partial[lane] = max(partial[lane], partial[lane + half]); }
  }
  workgroupBarrier();
  let most = partial[0];
  workgroupBarrier();
  return most;
#endif
}
