import { bild } from "./bild.js";
import { block } from "./block.js";
import { coupling, pointMass } from "./coupling.js";
import { kseq } from "./kseq.js";
import { recursive, recursiveWithoutReplacement } from "./recursive.js";
import { rejection } from "./rejection.js";
import { typical } from "./typical.js";
import type { Verifier } from "./verifier.js";

/** All verifiers, in the order they are shown; the first is the default. */
export const verifiers: readonly Verifier[] = [
  coupling,
  rejection,
  block,
  kseq,
  recursive,
  recursiveWithoutReplacement,
  pointMass,
  typical,
  bild,
];
