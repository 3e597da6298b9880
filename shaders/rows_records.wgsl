// what: the records of a forward's rows and of a session's cache slots
// in: -
// constants: none
// share: -
// source: ARCHITECTURE.md, "visibility"
const NONE: u32 = 0xffffffffu;

struct Row {
  token: u32,
  position: u32,
  slot: u32,
  horizon: u32,
  count: u32,
  base: u32,
  list: u32,
  index: u32,
}

struct Slot {
  position: u32,
  index: u32,
  token: u32,
  unused: u32,
}
