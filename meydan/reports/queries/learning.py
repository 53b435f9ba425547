"""How words tell what a report is about: a naive Bayes model over parts of words, in numpy, with no Django in it.

A text becomes weighted features: pieces of 3 to 5 letters, whole words, and the bones of each word: its consonants in
one alphabet, so that "7ofra" meets "حفرة", and "cheragh" meets "چراغ" and "чароғ". Features are hashed into a table of
fixed size. Training only counts (Rennie and others, "Tackling the Poor Assumptions of Naive Bayes", 2003); what it
cannot do, say how sure it is, is measured afterwards on samples that were held out (temperature scaling: Guo and
others, 2017).
"""

import io
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

FEATURES = 1 << 16
MAX_LETTERS = 600  # of a text; what stands later seldom says more, and costs
SMOOTHING = 0.05
KNOWN_BEFORE = 25  # as if each kind had been reported so often already: a city's first reports do not decide alone
FOLDS = 4
TEMPERATURES = np.geomspace(0.2, 5, 60)

Numbers = NDArray[np.float32]
Vector = tuple[NDArray[np.int64], Numbers]

_LETTERS = str.maketrans(
    dict(zip("أإآٱىیکگةؤئҷқғҳ", "ااااييككهويчкгх", strict=True)) | {"ـ": None, "\u200c": " ", "ъ": None, "ь": None}
)
_PAIRS = (("ch", "š"), ("sh", "š"), ("kh", "h"), ("gh", "g"), ("zh", "j"), ("ph", "f"), ("qu", "k"))
_BONES = {
    letter: bone
    for bone, letters in {
        "b": "bبб",
        "p": "pپп",
        "t": "tتطثт",
        "j": "jجژж",
        "š": "šشچшщч",
        "h": "h7x5حخهх",
        "d": "dدضд",
        "z": "zزذظз",
        "r": "rرр",
        "s": "sسصсц",
        "g": "gغг",
        "f": "fفф",
        "k": "kqc9قكк",
        "l": "lلл",
        "m": "mمм",
        "n": "nنн",
    }.items()
    for letter in letters
}


@dataclass(frozen=True)
class Sample:
    """Words that are known to be about a category (its code)."""

    text: str
    category: str


@dataclass(frozen=True)
class Guess:
    """A category, and how sure the model is of it: a probability."""

    category: str
    sureness: float


@dataclass(frozen=True)
class Model:
    """What was learned: a weight for each feature and category, how rare each feature is, and how far to trust it."""

    categories: tuple[str, ...]
    weights: NDArray[np.float16]  # FEATURES x categories
    rarity: NDArray[np.float16]  # FEATURES
    before: Numbers  # log of how often each category is reported
    temperature: float

    def guess(self, text: str) -> list[Guess]:
        """Every category with its probability, the likeliest first; none when the text has no word."""
        vector = _weighted(_features(text), self.rarity)
        if vector is None:
            return []
        chances = _chances(self._scores(vector)[None] / self.temperature + self.before)[0]
        return [Guess(self.categories[at], float(chances[at])) for at in np.argsort(-chances)]

    def _scores(self, vector: Vector) -> Numbers:
        places, values = vector
        scores: Numbers = values @ self.weights[places].astype(np.float32)
        return scores

    def dump(self) -> bytes:
        """As it is stored: numpy's own format, compressed, without pickles."""
        file = io.BytesIO()
        np.savez_compressed(
            file,
            categories=np.array(self.categories),
            weights=self.weights,
            rarity=self.rarity,
            before=self.before,
            temperature=self.temperature,
        )
        return file.getvalue()


def load_model(stored: bytes) -> Model:
    """A model as `Model.dump` wrote it."""
    with np.load(io.BytesIO(stored), allow_pickle=False) as parts:
        return Model(
            tuple(str(code) for code in parts["categories"]),
            parts["weights"],
            parts["rarity"],
            parts["before"],
            float(parts["temperature"]),
        )


def train(samples: Sequence[Sample], reported: Counter[str] | None = None) -> Model:
    """Learn from samples of at least one category, and say how sure to be by holding out a part of them four times.
    `reported` counts the city's reports by category: what is reported often is likelier."""
    vectors = [_features(sample.text) for sample in samples]
    categories = tuple(sorted({sample.category for sample in samples}))
    truth = np.array([categories.index(sample.category) for sample in samples])
    often: Counter[str] = reported or Counter()
    counts = np.array([often[code] + KNOWN_BEFORE for code in categories], dtype=np.float32)
    before: Numbers = np.log(counts / counts.sum())
    model = Model(categories, *_count(vectors, truth, len(categories)), before, 1.0)
    return replace(model, temperature=_fit_temperature(vectors, truth, model))


def _count(
    vectors: Sequence[Vector], truth: NDArray[np.int64], kinds: int
) -> tuple[NDArray[np.float16], NDArray[np.float16]]:
    """The weights and the rarity, from the samples with these categories."""
    seen = np.zeros(FEATURES, dtype=np.float32)
    for places, _values in vectors:
        seen[places] += 1
    rarity = (np.log((1 + len(vectors)) / (1 + seen)) + 1).astype(np.float16)
    table = np.full((FEATURES, kinds), SMOOTHING, dtype=np.float32)
    for vector, kind in zip(vectors, truth, strict=True):
        if (weighted := _weighted(vector, rarity)) is not None:
            table[weighted[0], kind] += weighted[1]
    logs = np.log(table / table.sum(axis=0))
    return (logs - logs.mean(axis=1, keepdims=True)).astype(np.float16), rarity


def _fit_temperature(vectors: Sequence[Vector], truth: NDArray[np.int64], model: Model) -> float:
    """The temperature under which held-out samples are least surprising."""
    folds = np.random.default_rng(0).permutation(len(vectors)) % FOLDS
    scores, said = [], []
    for fold in range(FOLDS):
        kept = np.flatnonzero(folds != fold).tolist()
        held = [at for at in np.flatnonzero(folds == fold).tolist() if len(vectors[at][0])]
        weights, rarity = _count([vectors[at] for at in kept], truth[kept], len(model.categories))
        part = replace(model, weights=weights, rarity=rarity)
        scores += [part._scores(vector) for at in held if (vector := _weighted(vectors[at], rarity)) is not None]
        said += [truth[at] for at in held]
    if not said:
        return 1.0
    return min(
        (float(one) for one in TEMPERATURES), key=lambda one: _surprise(np.array(scores) / one + model.before, said)
    )


def _surprise(scores: Numbers, truth: Sequence[int]) -> float:
    chances = _chances(scores)[np.arange(len(truth)), truth]
    return float(-np.log(np.maximum(chances, 1e-9)).mean())


def _chances(scores: Numbers) -> Numbers:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances: Numbers = powers / powers.sum(axis=1, keepdims=True)
    return chances


def _weighted(vector: Vector, rarity: NDArray[np.float16]) -> Vector | None:
    """The features with their rarity laid on, at length one; nothing when there are none."""
    places, values = vector
    if not len(places):
        return None
    weighted = values * rarity[places].astype(np.float32)
    return places, weighted / np.linalg.norm(weighted)


def _features(text: str) -> Vector:
    """Where the text's features stand in the table, and how often each occurs (dampened)."""
    counts = Counter(zlib.crc32(piece.encode()) % FEATURES for word in words_of(text) for piece in _pieces(word))
    places = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
    values = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
    return places, 1 + np.log(values)


def words_of(text: str) -> list[str]:
    """The words as they are compared: without case, vowel signs, lengthening, numbers, and the differences between the
    keyboards of one language."""
    plain = unicodedata.normalize("NFKD", text[:MAX_LETTERS].casefold().translate(_LETTERS))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter)).translate(_LETTERS)
    return [word for word in re.findall(r"\w+", re.sub(r"(.)\1{2,}", r"\1\1", plain)) if not word.isdecimal()]


def _pieces(word: str) -> Iterator[str]:
    yield f"w:{word}"
    yield from _runs(f" {word} ", (3, 4, 5))
    bones = bones_of(word)
    if len(bones) > 1:
        yield f"b:{bones}"
    if len(bones) > 2:
        yield from (f"b{run}" for run in _runs(f"<{bones}>", (3, 4)))


def _runs(word: str, lengths: Iterable[int]) -> Iterator[str]:
    for length in lengths:
        yield from (word[at : at + length] for at in range(len(word) - length + 1))


def bones_of(word: str) -> str:
    """The consonants of a word in one alphabet, whichever it is written in; doubled letters once, no last "h"."""
    for pair, bone in _PAIRS:
        word = word.replace(pair, bone)
    bones = re.sub(r"(.)\1+", r"\1", "".join(_BONES.get(letter, "") for letter in word))
    return bones[:-1] if len(bones) > 2 and bones.endswith("h") else bones
