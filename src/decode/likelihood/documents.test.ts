import { expect, test } from "vitest";
import { evaluationRows, splitDocuments } from "./documents.js";

test("documents are split at separator lines alone, and keep the line breaks inside them", () => {
  const text = "one\n\ntwo <|endoftext|> here\n<|endoftext|>\nthree\r\nfour\n<|endoftext|>\n";
  expect(splitDocuments(text)).toEqual(["one\n\ntwo <|endoftext|> here", "three\nfour"]);
});

test("rows are cut at 256 ids and dropped under 64", () => {
  const lengths = [63, 64, 256, 257];
  const text = lengths.map((length) => "x".repeat(length)).join("\n<|endoftext|>\n");
  const rows = evaluationRows(text, (document) => Array.from(document, (_, index) => index));
  expect(rows.map((row) => row.length)).toEqual([64, 256, 256]);
});
