/** Lets others use the device for a while. */
export type Breathe = () => Promise<void>;

/** Works in turn with the runs, from its first breath on: they may go on while it breathes. */
export type InTurn = <T>(work: (breathe: Breathe) => Promise<T>) => Promise<T>;
