"""What stands in the store of `bench square`: entry number n is the same in every run, and for every peer.

Words fall as words do: the n-th most common one of a language n times as seldom as the first. One entry of `WELL_KNOWN`
is an Android app with five versions and a dozen reviews; of the others most have a few, and many none.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

STEMS = {
    "en": "library market school garden museum harbour station theatre bakery clinic court bridge square river beach",
    "fr": "bibliothèque marché école jardin musée gare théâtre boulangerie clinique mairie pont place plage quartier",
    "ar": "مكتبة سوق مدرسة حديقة متحف ميناء محطة مسرح مخبزة مصحة محكمة قنطرة ساحة شاطئ بلدية",
    "fa": "کتابخانه بازار مدرسه باغ موزه بندر ایستگاه تئاتر نانوایی درمانگاه دادگاه پل میدان ساحل شهرداری",
    "tg": "китобхона бозор мактаб боғ осорхона бандар истгоҳ театр нонвойхона дармонгоҳ суд пул майдон соҳил шаҳрдорӣ",
}
KINDS = ("site", "web_app", "android", "ios", "desktop")
RARE = 4000
WELL_KNOWN = 50
MOST_REVIEWS, MOST_VERSIONS, MOST_SHOTS = 20, 5, 3
TITLE, SUMMARY, REVIEW = 60, 140, 300  # letters at most
PEOPLE = 2_000


@dataclass(frozen=True)
class Review:
    """What somebody (a number below `PEOPLE`) says of an entry, and gives it: one to five stars."""

    person: int
    stars: int
    text: str


@dataclass(frozen=True)
class Content:
    """An entry. `versions`: names of what can be downloaded, the oldest first; `used`: how often within the last days,
    and before; `category`, `icon` and `shots` are numbers that choose among those which a city has."""

    number: int
    language: str
    kind: str
    title: str
    summary: str
    description: str
    category: int
    icon: int
    shots: tuple[int, ...]
    versions: tuple[str, ...]
    reviews: tuple[Review, ...]
    used: tuple[int, int]

    @property
    def slug(self) -> str:
        """Its name in addresses."""
        return f"bench-{self.number}"


@cache
def vocabulary(language: str) -> tuple[str, ...]:
    """The language's common words, then many rare ones made of them."""
    stems = STEMS[language].split()
    rare = (f"{stems[n % len(stems)]}{stems[(n * 7 + 3) % len(stems)][:4]}{n}" for n in range(RARE))
    return (*stems, *rare)


@cache
def _weights(count: int) -> list[float]:
    return list(accumulate(1 / (rank + 1) for rank in range(count)))


def said(dice: random.Random, language: str, count: int, most: int = 10_000) -> str:
    """So many words, as many of them as are at most `most` letters."""
    words = vocabulary(language)
    text = " ".join(dice.choices(words, cum_weights=_weights(len(words)), k=count))
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0]


def is_well_known(number: int) -> bool:
    """Whether this entry has versions and many reviews."""
    return number % WELL_KNOWN == WELL_KNOWN // 2


def content(number: int) -> Content:
    """Entry number n."""
    dice = random.Random(1311_000_000 + number)
    language = list(STEMS)[number // 7 % len(STEMS)]
    known = is_well_known(number)
    kind = "android" if known else dice.choice(KINDS)
    return Content(
        number=number,
        language=language,
        kind=kind,
        title=said(dice, language, 3, TITLE),
        summary=said(dice, language, 12, SUMMARY),
        description=". ".join(said(dice, language, 12) for _sentence in range(5)) + ".",
        category=dice.randrange(1_000_000),
        icon=dice.randrange(1_000_000),
        shots=tuple(dice.sample(range(1_000_000), dice.randint(1, MOST_SHOTS))),
        versions=tuple(_versions(dice, known)) if kind == "android" else (),
        reviews=tuple(_reviews(dice, language, known)),
        used=(int(300 * dice.random() ** 6), int(10_000 * dice.random() ** 6)),
    )


def _versions(dice: random.Random, known: bool) -> Iterator[str]:
    for number in range(MOST_VERSIONS if known else dice.randint(1, 2)):
        yield f"1.{number}.{dice.randrange(10)}"


def _reviews(dice: random.Random, language: str, known: bool) -> Iterator[Review]:
    count = dice.randint(10, 14) if known else min(MOST_REVIEWS, int(dice.expovariate(1)))
    for person in dice.sample(range(PEOPLE), count):
        stars = dice.choices((1, 2, 3, 4, 5), (1, 1, 2, 4, 6))[0]
        yield Review(person, stars, said(dice, language, dice.randint(6, 25), REVIEW))
