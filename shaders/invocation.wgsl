// what: the index of this invocation, with the grid's second dimension unfolded
// in: the built-ins of the entry point
// constants: WORKGROUP_SIZE
// share: -
// source: own
fn invocation_index(group: vec3<u32>, num_groups: vec3<u32>, lane: u32) -> u32 {
  return (group.y * num_groups.x + group.x) * ${WORKGROUP_SIZE}u + lane;
}
