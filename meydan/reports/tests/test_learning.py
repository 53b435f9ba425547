"""What suggests a category from somebody's words: the model by itself, and in the city."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from meydan.kernel.actor import SYSTEM, VISITOR, Role
from meydan.kernel.errors import Invalid, SignInFirst
from meydan.kernel.facts import Fact, facts_about
from meydan.kernel.models import FactRecord
from meydan.reports import queries, reactions
from meydan.reports.actions import learn_categories, limit_suggesting, set_category, set_examples
from meydan.reports.facts import CategorySet
from meydan.reports.models import Categorizer, Example, Report, State
from meydan.reports.queries.learning import Guess, Model, Sample, bones_of, load_model, train, words_of
from meydan.reports.queries.measuring import Answer, calibration_lines, confusion_lines, share_right
from meydan.reports.tests.cast import make_actor, make_city, make_report
from meydan.site.packs import load_pack

TEXTS = Path(__file__).parents[3] / "bench" / "data" / "report_texts.jsonl"
SAMPLES = [
    Sample(text, category)
    for category, texts in {
        "hole": ("hole in the road", "deep pothole", "حفرة", "چاله", "trou dans la route", "чуқурӣ"),
        "lamp": ("street light out", "dark lamp", "مصباح", "چراغ", "lampadaire éteint", "чароғ"),
    }.items()
    for text in texts
]


@pytest.fixture(scope="module")
def model() -> Model:
    return train(SAMPLES)


@pytest.mark.parametrize(
    ("words", "category"),
    [
        ("there is a HOOOOLE in our road!!", "hole"),
        ("lampadaires eteints rue 12", "lamp"),
        ("7ofra", "hole"),  # Arabic in Latin letters and digits
        ("cheragh", "lamp"),  # Persian in Latin letters
        ("чарог", "lamp"),  # Tajik on a Russian keyboard
    ],
)
def test_words_meet_their_category_in_any_spelling(model: Model, words: str, category: str) -> None:
    assert model.guess(words)[0].category == category


@pytest.mark.parametrize("words", ["", "   ", "12 345", "!?", "\u200c"])
def test_without_a_word_there_is_no_guess(model: Model, words: str) -> None:
    assert model.guess(words) == []


def test_a_guess_is_a_probability_and_a_stored_model_guesses_the_same(model: Model) -> None:
    guesses = model.guess("a deep hole")
    assert sum(one.sureness for one in guesses) == pytest.approx(1, abs=1e-5)
    assert load_model(model.dump()).guess("a deep hole") == guesses


def test_a_long_text_is_read_only_to_its_bound(model: Model) -> None:
    assert model.guess("hole " * 200_000) == model.guess("hole " * 120)


def test_what_is_reported_often_is_likelier() -> None:
    often = train(SAMPLES, Counter(lamp=1000))
    assert often.guess("something new")[0].category == "lamp"


def test_one_category_can_be_learned() -> None:
    assert train(SAMPLES[:1]).guess("hole") == [Guess("hole", 1.0)]


def test_words_and_bones_are_one_alphabet() -> None:
    assert words_of("الحُفرةُ  12 Éclairage piétooooon") == ["الحفره", "eclairage", "pietoon"]
    assert bones_of("7ofra") == bones_of("حفره") == "hfr"
    assert bones_of("cheragh") == bones_of("چراغ") == bones_of("чарог") == "šrg"


def test_measures_are_counted() -> None:
    right = Answer("hole", (Guess("hole", 0.9), Guess("lamp", 0.1)))
    wrong = Answer("lamp", (Guess("hole", 0.6), Guess("lamp", 0.4)))
    assert share_right([right, wrong]) == 0.5
    assert share_right([right, wrong], among=2) == 1
    assert calibration_lines([right, wrong])[1].split() == ["very", "likely", "1", "90%", "100%"]
    assert confusion_lines([right, wrong])[2].split() == ["2", "lamp", "1", "."]


def test_the_test_texts_are_apart_from_the_packs_words() -> None:
    """Six hundred at least, in five languages, about every category; no phrase of the packs stands in one, and no text
    in a pack."""
    texts = [json.loads(line) for line in TEXTS.read_text("utf-8").splitlines()]
    said = [text["text"].casefold() for text in texts]
    packs = [category for city in ("casablanca", "mashhad", "dushanbe") for category in load_pack(city).categories]
    words = {word.casefold() for one in packs for several in one.keywords.values() for word in several}
    words |= {text.casefold() for one in packs for text in (*one.name.values(), *one.description.values())}
    words |= {one.text.casefold() for one in load_pack("casablanca").examples}
    assert len(said) == len(set(said)) >= 600
    assert min(Counter(text["language"] for text in texts).values()) >= 120
    common = {one.code for one in packs} - {"beach", "pilgrims", "channel"}
    assert {text["category"] for text in texts} == common
    assert not set(said) & words
    assert not [phrase for phrase in words if len(phrase.split()) > 2 and any(phrase in one for one in said)]


# In the city


def ask(client: Client, words: Any) -> Any:
    return client.post("/api/reports/suggest", {"words": words}, content_type="application/json")


def names_of(answer: Any) -> list[str]:
    return [one["category"] for one in answer.json()["suggestions"]]


@pytest.mark.django_db
def test_until_a_model_is_made_keywords_are_matched(client: Client) -> None:
    make_city()
    found = ask(client, "asphalt has a hole").json()["suggestions"]
    assert found == [{"category": "pothole", "name": "Pothole", "sureness": None, "said": ""}]
    assert "Fits your words" in client.post("/reports/new", {"description": "a hole"}).content.decode()


@pytest.mark.django_db
def test_the_model_says_how_sure_it_is(client: Client) -> None:
    make_city()
    learn_categories(SYSTEM)
    queries.forget_model()
    first = ask(client, "a big hole").json()["suggestions"][0]
    assert first["category"] == "pothole"
    assert first["sureness"] > 0.5 and first["said"].endswith(" %)")
    page = client.post("/reports/new", {"description": "a big hole"}).content.decode()
    assert first["said"] in page
    assert "checked" not in page.split("Fits your words")[-1]  # the person decides


@pytest.mark.django_db
def test_it_learns_from_what_was_solved_and_from_nothing_private() -> None:
    make_city()
    for state in (State.CONFIRMED, State.SUBMITTED):
        report = make_report(VISITOR, category="lamp", description=f"glimmer {state}")
        Report.objects.filter(pk=report.pk).update(state=state)
    private = make_report(VISITOR, category="abuse", description="a name")
    Report.objects.filter(pk=private.pk).update(state=State.CONFIRMED)
    material = queries.gather_material(SYSTEM)
    assert material.reports == (Sample("glimmer confirmed", "lamp"),)
    made = learn_categories(SYSTEM)
    assert (made.reports, Categorizer.objects.count()) == (1, 1)
    assert facts_about("categorizer")[-1].fact.reports == 1  # type: ignore[attr-defined]  # this fact's own field
    learn_categories(SYSTEM)
    assert Categorizer.objects.count() == 1


def learn_by_job(fact: Fact) -> None:
    """React as the worker does; the job that it asks for, where it asks for one, is run."""
    with transaction.atomic():
        reactions.learn_the_words(fact)
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs where task_name = %s", [reactions.learn_what_is_new.name])
        asked = cursor.rowcount
    if asked:
        with transaction.atomic():
            reactions.learn_what_is_new()


@pytest.mark.django_db
def test_suggestions_follow_the_categories(client: Client) -> None:
    make_city()
    learn_categories(SYSTEM)
    set_category(SYSTEM, code="pothole", name={"en": "Pothole"}, active=False)
    queries.forget_model()
    assert "pothole" not in names_of(ask(client, "pothole"))
    set_category(SYSTEM, code="bees", name={"en": "Swarm of bees"}, department="roads")
    assert not queries.words_are_learned()
    learn_by_job(CategorySet(subject="", department="", term_days=1, private=False, active=True))
    queries.forget_model()
    assert names_of(ask(client, "a swarm of bees"))[0] == "bees"
    made = Categorizer.objects.get().pk
    learn_by_job(CategorySet(subject="", department="", term_days=1, private=False, active=True))
    assert Categorizer.objects.get().pk == made


@pytest.mark.django_db
def test_examples_teach_what_no_keyword_says(client: Client) -> None:
    make_city()
    learn_categories(SYSTEM)
    set_examples(
        SYSTEM, [("lamp", "en", "we walk home in complete darkness"), ("lamp", "fr", "on ne voit rien la nuit")]
    )
    assert not queries.words_are_learned()
    learn_by_job(facts_about("categorizer")[-1].fact)
    queries.forget_model()
    assert names_of(ask(client, "complete darkness on the way home"))[0] == "lamp"


@pytest.mark.django_db
def test_examples_of_a_category_are_replaced_and_the_others_stay() -> None:
    make_city()
    set_examples(SYSTEM, [("lamp", "en", "first"), ("pothole", "en", "other")])
    set_examples(SYSTEM, [("lamp", "en", "second")])
    assert set(Example.objects.values_list("text", flat=True)) == {"second", "other"}
    assert queries.list_without_examples(SYSTEM) == {"abuse", "other"}


@pytest.mark.django_db
def test_examples_of_unknown_categories_are_refused_whole() -> None:
    make_city()
    with pytest.raises(Invalid, match="dragons"):
        set_examples(SYSTEM, [("lamp", "en", "dark"), ("dragons", "en", "fire")])
    with pytest.raises(SignInFirst):
        set_examples(VISITOR, [("lamp", "en", "dark")])
    assert not Example.objects.exists()


@pytest.mark.django_db
def test_measured_on_the_citys_own_reports_by_time() -> None:
    make_city()
    assert queries.measure_on_reports(SYSTEM) == []
    for number in range(20):
        category = "lamp" if number % 2 else "pothole"
        make_report(VISITOR, category=category, description="dark" if number % 2 else "tyre burst")
    Report.objects.update(state=State.CONFIRMED)
    answers = queries.measure_on_reports(SYSTEM)
    assert (len(answers), share_right(answers)) == (4, 1.0)
    assert "right at first guess: 100.0%" in "\n".join(queries.measure_lines(answers))


@pytest.mark.django_db
def test_only_those_who_arrange_may_train() -> None:
    make_city()
    with pytest.raises(SignInFirst):
        learn_categories(VISITOR)
    learn_categories(make_actor("boss", Role.ADMIN))


@pytest.mark.django_db
def test_words_are_bounded_counted_and_not_kept(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_city()
    assert ask(client, "x" * 4001).status_code == 422
    before = FactRecord.objects.count()
    assert ask(client, "a hole at Nadia's").status_code == 200
    assert FactRecord.objects.count() == before
    counted: list[str] = []
    monkeypatch.setattr("meydan.reports.actions.filing.check", lambda key, **_limits: counted.append(key))
    limit_suggesting(VISITOR)
    assert counted
