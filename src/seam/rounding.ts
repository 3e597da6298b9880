/** How a model's matrices are rounded at load: their storage, and with `-int8` the rows that they are multiplied with too. */
export type Rounding = "q8" | "q4" | "q8-int8" | "q4-int8";
