"""Builds the token files of the story family from the archive of corpora (see README.md for its sources and licences).

usage: python training/corpus.py ARCHIVE.tar.xz [FOLDER]     writes train.bin, simple.bin (the last quarter of a run) and valid.bin (uint16)

Text is folded to ASCII. One document in 100, by its hash, is held out. Paragraphs of old books with a dated slur or stereotype are left out of
what is trained on, and the document breaks there.
"""

import hashlib
import io
import re
import sys
import tarfile
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from story.run import KEPT, MODELS

BREAK = "<|endoftext|>"
#: File, copies in train.bin, share of simple.bin in hundredths.
SOURCES = [
    ("simple-mix/gutenberg_children_clean.txt", 1, 12),
    ("grimm-andersen/grimm_only.txt", 1, 6),
    ("tinystories-bits/stories.txt", 5, 50),
    ("storybooks-asp-pb/stories_ccby.txt", 2, 14),
    ("aesop-emory/fables.txt", 2, 6),
    ("fairytaleqa/stories.txt", 1, 12),
]
SIMPLE_TOKENS = 6_000_000
FOLDED = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "—": "--", "–": "-", "…": "...", "é": "e", "è": "e", "ê": "e", "æ": "ae", "œ": "oe", "ö": "o"}
    | {"ü": "u", "ä": "a", "ç": "c", "ñ": "n", "\u00a0": " ", "\t": " ", "\r": ""}
)
DATED = re.compile(r"\b(" + "|".join((Path(__file__).parent / "dated-words.txt").read_text().split("\n")[1:-1]) + r")\b", re.I)


def clean(document: str) -> str:
    text = document.translate(FOLDED).encode("ascii", "ignore").decode()
    text = re.sub(r"\[[^\]]{0,60}\]", "", text)  # [Illustration]
    text = re.sub(r"[_*|~^\\]+", "", text)
    text = re.sub(r" {2,}", " ", text)
    text = re.sub(r" *\n *", "\n", text)
    return re.sub(r"\n{2,}", "\n", text).strip()


def without_dated(text: str):
    """The stretches of at least 200 characters between paragraphs with dated words."""
    stretch: list[str] = []
    for paragraph in [*text.split("\n"), None]:
        if paragraph is not None and not DATED.search(paragraph):
            stretch.append(paragraph)
            continue
        kept = "\n".join(stretch).strip()
        if len(kept) >= 200:
            yield kept
        stretch = []


def documents(text: str):
    """Cleaned documents, and whether each is held out."""
    for document in map(clean, text.split(BREAK)):
        if len(document) < 80 or sum(c.isalpha() or c == " " for c in document) < 0.8 * len(document):
            continue
        is_held = int(hashlib.sha1(document.encode()).hexdigest(), 16) % 100 == 0
        if is_held or not DATED.search(document):
            yield document, is_held
        else:
            yield from ((stretch, False) for stretch in without_dated(document))


def repeated(rows: list, total: int, random: np.random.Generator) -> list:
    """Whole shuffled copies of `rows` until they have `total` tokens."""
    drawn, length = [], 0
    while length < total:
        for i in random.permutation(len(rows)):
            drawn.append(rows[i])
            length += len(rows[i])
            if length >= total:
                break
    return drawn


def write(path: Path, rows: list, random: np.random.Generator) -> None:
    random.shuffle(rows)
    ids = np.concatenate(rows)
    ids.tofile(path)
    print(f"{path.name}: {len(ids):,} tokens")


def main(archive: str, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    tokenizer, random = Tokenizer.from_file(str(MODELS / "story-ar" / "tokenizer.json")), np.random.default_rng(0)
    train, simple, held = [], [], []
    with tarfile.open(archive) as files:
        for name, copies, share in SOURCES:
            text = io.TextIOWrapper(files.extractfile(name), "utf-8", "ignore").read()
            known = list(documents(text))
            encoded = tokenizer.encode_batch([document for document, _ in known])
            rows = [np.array([0, *one.ids], dtype=np.uint16) for one in encoded]
            own = [row for row, (_, is_held) in zip(rows, known) if not is_held]
            held += [row for row, (_, is_held) in zip(rows, known) if is_held]
            train += own * copies
            simple += repeated(own, SIMPLE_TOKENS * share // 100, random)
            print(f"{name}: {len(own):,} documents, {sum(map(len, own)):,} tokens", flush=True)
    for name, rows in (("train", train), ("simple", simple), ("valid", held)):
        write(out / f"{name}.bin", rows, random)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main(sys.argv[1], Path(sys.argv[2]) if len(sys.argv) > 2 else KEPT / "data")
