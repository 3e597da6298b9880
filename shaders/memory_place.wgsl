// what: how a row's place in a memory is written: rows 0 to 63 of it, and whether it holds anything of the row's position
// in: -
// constants: none
// share: -
// source: own
const PLACES: u32 = 63u;
const KNOWN: u32 = 0x80000000u;
