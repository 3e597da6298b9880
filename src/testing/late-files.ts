// Runs before the tests: those that parse a config or a tokenizer by itself find every family and every part. Who reads a folder loads
// what its files name.
import { loadFamilies } from "../architecture/families.js";
import { loadTokenizerParts } from "../tokenizer/tokenizer.js";

await Promise.all([loadFamilies(null), loadTokenizerParts({ normalizer: { type: "NFC" } })]);
