"""`bin/meydan bench words`: how well a category is guessed from the words, on texts that were never trained on.

The texts (`data/report_texts.jsonl`) were written for this test, as people write; they are not real reports.
"""

import argparse
import importlib
import json
import os
import sys
import time
from collections.abc import Sequence
from typing import Any

import django

from bench.harness import HOME

TEXTS = HOME / "bench" / "data" / "report_texts.jsonl"
CITY = "casablanca"  # whose pack has one category more than the common ones, which no text is about
LIMIT_MS = 5.0  # of CPU for one suggestion
ROUNDS = 3


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 1 when the model is not better than a keyword match, or a suggestion costs too much."""
    parser = argparse.ArgumentParser(prog="meydan bench words", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--misses", action="store_true", help="print every text whose first guess is wrong")
    options = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meydan.site.settings")
    django.setup(set_prefix=False)
    packs = importlib.import_module("meydan.site.packs")  # both know models, which Django must load first
    queries = importlib.import_module("meydan.reports.queries")
    return bench(queries, packs.load_pack(CITY), misses=options.misses)


def bench(queries: Any, pack: Any, *, misses: bool) -> int:
    """Train on the pack's words and examples alone, ask for every text."""
    texts = [json.loads(line) for line in TEXTS.read_text("utf-8").splitlines()]
    samples = [sample for category in pack.categories for sample in queries.samples_of(category)]
    samples += [queries.Sample(one.text, one.category) for one in pack.examples]
    started = time.process_time()
    model = queries.train(samples)
    print(f"trained on {len(samples)} words and sentences of the pack in {time.process_time() - started:.1f} s of CPU,")
    print(f"{len(model.dump()) / 1e6:.1f} MB as stored; {len(texts)} texts, apart from the pack's words\n")
    answers = [queries.Answer(text["category"], tuple(model.guess(text["text"]))) for text in texts]
    matched = [_by_keyword(queries, pack.categories, text) for text in texts]
    print_shares(queries, texts, answers, matched)
    print("\nhow sure it says it is, and how often that is right", *queries.calibration_lines(answers), sep="\n")
    print("\nrows: the right category; columns: the first guess", *queries.confusion_lines(answers), sep="\n")
    if misses:
        print_misses(texts, answers)
    cost = cost_ms(model, [text["text"] for text in texts])
    print(f"\none suggestion: {cost:.2f} ms of CPU (limit {LIMIT_MS:.0f})")
    better = queries.share_right(answers) > queries.share_right(matched)
    return 0 if better and cost <= LIMIT_MS else 1


def _by_keyword(queries: Any, categories: Sequence[Any], text: dict[str, str]) -> Any:
    found = queries.match_keywords(categories, text["text"])
    return queries.Answer(text["category"], tuple(queries.Guess(one.code, 0.0) for one in found))


def print_shares(queries: Any, texts: list[dict[str, str]], answers: list[Any], matched: list[Any]) -> None:
    """Accuracy by language, beside the keyword match and the commonest category."""
    print(f"{'':<9}{'texts':>6}{'first':>8}{'of 3':>8}   keywords:{'first':>8}{'of 3':>8}{'commonest':>12}")
    for language in ("ar", "fr", "en", "fa", "tg", "all"):
        own = [at for at, text in enumerate(texts) if language in (text["language"], "all")]
        said, by_keyword = [answers[at] for at in own], [matched[at] for at in own]
        first, three = queries.share_right(said), queries.share_right(said, among=3)
        key, key_three = queries.share_right(by_keyword), queries.share_right(by_keyword, among=3)
        line = f"{language:<9}{len(own):>6}{first:>8.1%}{three:>8.1%}            {key:>8.1%}{key_three:>8.1%}"
        print(f"{line}{queries.share_of_commonest(said):>12.1%}")


def print_misses(texts: list[dict[str, str]], answers: list[Any]) -> None:
    """The texts that were taken for something else."""
    for text, answer in zip(texts, answers, strict=True):
        if answer.first != answer.truth:
            sure = answer.guesses[0].sureness if answer.guesses else 0
            print(f"{text['language']} {answer.truth} -> {answer.first} ({sure:.0%}): {text['text']}")


def cost_ms(model: Any, texts: list[str]) -> float:
    """Milliseconds of CPU for one text."""
    before = time.process_time()
    for text in texts * ROUNDS:
        model.guess(text)
    return 1000 * (time.process_time() - before) / (ROUNDS * len(texts))


if __name__ == "__main__":
    sys.exit(main())
