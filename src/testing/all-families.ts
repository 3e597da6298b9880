// Runs before the tests: those that parse a config by itself find every family. Who reads a folder loads them by its config.
import { loadFamilies } from "../architecture/families.js";

await loadFamilies(null);
