/** Text of ids one by one, for a runtime that only takes and gives text. */
export interface Vocabulary {
  pieceOf(id: number): string;
  /** -1 for a text that is no token's. */
  idOf(piece: string): number;
}

/** The part of a tokenizer.json that is used. */
export interface TokenizerFile {
  model: { vocab: Record<string, number> };
  added_tokens: readonly { id: number; content: string }[];
}

// Byte-level vocabularies write each byte as a visible character: itself where it is one, else the next free above 255.
function byteTable(): Map<string, number> {
  const isVisible = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  let numHidden = 0;
  const entries = Array.from({ length: 256 }, (_, byte): [string, number] => [
    String.fromCharCode(isVisible(byte) ? byte : 256 + numHidden++),
    byte,
  ]);
  return new Map(entries);
}

/** The vocabulary of a byte-level BPE; a piece that is only a part of a character has U+FFFD in it. */
export function vocabularyOf({ model, added_tokens: addedTokens }: TokenizerFile): Vocabulary {
  const bytes = byteTable();
  const decoder = new TextDecoder();
  const decode = (word: string) => decoder.decode(Uint8Array.from(word, (character) => bytes.get(character) ?? 0));
  const added = new Map(addedTokens.map(({ id, content }) => [id, content]));
  const pieces = Object.entries(model.vocab).map(([word, id]): [number, string] => [id, decode(word)]);
  const byId = new Map([...pieces, ...added]);
  const byPiece = new Map([...byId].map(([id, piece]) => [piece, id]));
  return {
    pieceOf(id) {
      const piece = byId.get(id);
      if (piece === undefined) throw new Error(`the vocabulary has no token ${id}`);
      return piece;
    },
    idOf: (piece) => byPiece.get(piece) ?? -1,
  };
}

/** The vocabulary in a tokenizer.json. */
export async function loadVocabulary(url: string): Promise<Vocabulary> {
  return vocabularyOf(await (await fetch(url)).json());
}
