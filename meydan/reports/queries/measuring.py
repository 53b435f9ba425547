"""How good a categoriser is: shares, calibration and the table of what it takes for what, as lines to print."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from meydan.reports.queries.learning import Guess

VERY_LIKELY, LIKELY = 0.8, 0.5  # sureness from which a suggestion is called so; below it is "maybe"
BANDS = {"very likely": (VERY_LIKELY, 1.01), "likely": (LIKELY, VERY_LIKELY), "maybe": (0.0, LIKELY)}


@dataclass(frozen=True)
class Answer:
    """The right category of a text, and what was guessed, the likeliest first."""

    truth: str
    guesses: tuple[Guess, ...]

    @property
    def first(self) -> str:
        """The likeliest; "" when nothing was guessed."""
        return self.guesses[0].category if self.guesses else ""


def share_right(answers: Sequence[Answer], *, among: int = 1) -> float:
    """In what share of the answers the right category is among the first guesses."""
    right = sum(one.truth in [guess.category for guess in one.guesses[:among]] for one in answers)
    return right / max(1, len(answers))


def share_of_commonest(answers: Sequence[Answer]) -> float:
    """What always naming the commonest category would get right."""
    counts = Counter(one.truth for one in answers)
    return max(counts.values(), default=0) / max(1, len(answers))


def calibration_lines(answers: Sequence[Answer]) -> list[str]:
    """For each word of sureness: how often it was said, what it promised, and how often it was right."""
    lines = [f"{'said':<12} {'texts':>6} {'promised':>9} {'right':>7}"]
    for name, (least, most) in BANDS.items():
        said = [one for one in answers if one.guesses and least <= one.guesses[0].sureness < most]
        promised = sum(one.guesses[0].sureness for one in said) / max(1, len(said))
        lines.append(f"{name:<12} {len(said):>6} {promised:>9.0%} {share_right(said):>7.0%}")
    return lines


def confusion_lines(answers: Sequence[Answer]) -> list[str]:
    """The confusion table: a row for each right category, a column (by its row's number) for what was guessed first."""
    codes = sorted({one.truth for one in answers} | {one.first for one in answers if one.first})
    counts = Counter((one.truth, one.first) for one in answers)
    lines = [f"{'':<21}" + "".join(f"{number:>4}" for number in range(1, len(codes) + 1))]
    for number, code in enumerate(codes, 1):
        cells = "".join(f"{counts[code, other] or '.':>4}" for other in codes)
        lines.append(f"{number:>2} {code[:17]:<17} {cells}")
    return lines


def measure_lines(answers: Sequence[Answer]) -> list[str]:
    """All of it, as `meydan categorizer measure` prints it."""
    return [
        f"{len(answers)} texts",
        f"right at first guess: {share_right(answers):.1%}; among three: {share_right(answers, among=3):.1%}",
        f"always the commonest: {share_of_commonest(answers):.1%}",
        "",
        *calibration_lines(answers),
        "",
        *confusion_lines(answers),
    ]
