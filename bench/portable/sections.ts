import { adapter } from "./adapter.js";
import { forwards } from "./forwards.js";
import { goldens } from "./goldens.js";
import { products } from "./products.js";
import type { Section } from "./section.js";
import { shapes } from "./shape.js";
import { story } from "./story.js";
import { tuner } from "./tuner.js";
import { ways } from "./ways.js";

/** The report's sections, in its order: each may use what those before it found. */
export const sections: readonly Section[] = [adapter, products, forwards, goldens, tuner, story, ...shapes, ways];
