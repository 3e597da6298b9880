/** A fault of tests/mutants: what is searched in a file and put in its place, and the tests that should notice. */
export interface Mutant {
  fault: string;
  file: string;
  search: string;
  replace: string;
  /** Files of tests. */
  tests: string[];
  /** A pattern of the tests' titles; left out: all of those files. */
  title?: string;
}
export declare function readMutants(): Mutant[];
export declare function planted(mutant: Mutant, text?: string): string;
