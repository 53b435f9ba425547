"""`meydan messages`: gather the texts of every domain into its `locale/<language>/LC_MESSAGES/django.po`.

Translations are kept; texts that are gone are dropped; new ones are empty until somebody translates them. The files
are sorted and carry no line numbers: a change of code does not churn them. `site.catalogs` makes the `.mo` files.
"""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parent.parent
LANGUAGES = ("ar", "fr", "fa", "tg")
METHODS = [
    ("**/tests/**.py", "ignore"),
    ("**/migrations/**.py", "ignore"),
    ("**.py", "python"),
    ("templates/**.html", "jinja2"),
    ("templates/**.txt", "jinja2"),
    ("templates/**.js", "jinja2"),
]
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}
# Stated here, so that Babel, Django and the translators count alike.
PLURALS = {
    "ar": (6, "(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5)"),
    "fr": (2, "(n > 1)"),
    "fa": (2, "(n > 1)"),
    "tg": (2, "(n != 1)"),
}


def domains() -> list[Path]:
    """The folders of the domains: every package of Meydan."""
    return sorted(path.parent for path in PACKAGE.glob("*/__init__.py"))


def po_path(domain: Path, language: str) -> Path:
    """Where a domain keeps one language."""
    return domain / "locale" / language / "LC_MESSAGES" / "django.po"


def extract(domain: Path) -> Catalog:
    """Every text of a domain's code and templates, sorted, as a template without translations."""
    catalog = Catalog()
    options = {pattern: {"trimmed": "true", "silent": "false"} for pattern, method in METHODS if method == "jinja2"}
    found = extract_from_dir(domain, METHODS, options, KEYWORDS, comment_tags=("Translators:",))
    for _file, _line, message, comments, context in found:
        catalog.add(message, context=context, auto_comments=comments)
    return catalog


def read_catalog(path: Path, language: str) -> Catalog:
    """A language's file as it stands; empty when there is none yet."""
    if not path.exists():
        return new_catalog(language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def read_everything(language: str) -> Catalog:
    """What all domains say in a language."""
    everything = new_catalog(language)
    for domain in domains():
        for message in _texts(read_catalog(po_path(domain, language), language)):
            if is_translated(message):
                everything[message.id] = message
    return everything


def new_catalog(language: str) -> Catalog:
    """An empty catalog that counts by our plural rules."""
    catalog = Catalog(locale=language, fuzzy=False)
    catalog.mime_headers = [("Plural-Forms", plural_forms(language))]
    return catalog


def plural_forms(language: str) -> str:
    """The header of a `.po` that says how the language counts."""
    count, rule = PLURALS[language]
    return f"nplurals={count}; plural={rule};"


def merge(template: Catalog, known: Catalog, language: str, elsewhere: Catalog | None = None) -> Catalog:
    """The template's texts with the translations that are known, here or in another domain (one translation for one
    text): nothing is guessed, nothing is marked fuzzy."""
    merged = new_catalog(language)
    for message in _texts(template):
        old = known.get(message.id, message.context)
        if old is None or not is_translated(old):
            old = (elsewhere or known).get(message.id, message.context)
        kept = () if old is None or old.fuzzy else strings_of(old)
        merged.add(
            message.id, _shaped(kept, message, language), context=message.context, auto_comments=message.auto_comments
        )
    return merged


def strings_of(message: Message) -> tuple[str, ...]:
    """The translation, form by form; a text without plural has one."""
    strings = message.string if isinstance(message.string, list | tuple) else (message.string,)
    return tuple(string or "" for string in strings)


def _shaped(kept: tuple[str, ...], message: Message, language: str) -> str | tuple[str, ...]:
    """As many forms as the language has; what is not known stays empty."""
    if not message.pluralizable:
        return kept[0] if kept else ""
    count = PLURALS[language][0]
    return (*kept, *("",) * count)[:count]


def _texts(catalog: Catalog) -> Iterator[Message]:
    """The texts, without the header, in a stable order."""
    return iter(sorted((message for message in catalog if message.id), key=_key))


def _key(message: Message) -> tuple[str, str]:
    return (message.id if isinstance(message.id, str) else message.id[0], message.context or "")


def write_catalog(path: Path, catalog: Catalog, language: str) -> None:
    """Write a `.po` whose header never changes by itself."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(
            f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
            f'"Content-Transfer-Encoding: 8bit\\n"\n"Language: {language}\\n"\n'
            f'"Plural-Forms: {plural_forms(language)}\\n"\n\n'.encode()
        )
        write_po(file, catalog, width=100, omit_header=True, no_location=True, sort_output=True)


def update_all() -> list[str]:
    """Bring every `.po` up to date. Returns one line a file that still has texts without a translation."""
    lacking = []
    everything = {language: read_everything(language) for language in LANGUAGES}
    for domain in domains():
        template = extract(domain)
        if not len(template):
            continue
        for language in LANGUAGES:
            path = po_path(domain, language)
            merged = merge(template, read_catalog(path, language), language, everything[language])
            write_catalog(path, merged, language)
            count = sum(1 for message in _texts(merged) if not is_translated(message))
            lacking += [f"{domain.name} {language}: {count} to translate"] if count else []
    return lacking


def is_translated(message: Message) -> bool:
    """Whether every form of the text has a translation."""
    return all(strings_of(message)) and not message.fuzzy
