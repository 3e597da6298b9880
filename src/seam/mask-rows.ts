/** Mask rows in one forward at most: seven masks behind each of eight rows, and some more. */
export const MAX_MASK_ROWS = 64;
