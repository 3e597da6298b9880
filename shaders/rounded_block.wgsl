// what: 32 neighbouring numbers of a row in units of their own, as signed bytes
// in: -
// constants: none
// share: -
// source: own
struct RoundedBlock { codes: array<u32, 8>, unit: f32 }
