"""The editor: one page without JavaScript. Whatever is sent is kept first, so that nothing typed is lost."""

from collections.abc import Mapping
from typing import Any, BinaryIO, cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from meydan.articles import actions
from meydan.articles.inputs import RemovePicture, WriteArticle
from meydan.articles.models import EDITABLE, MAX_PICTURES, Article, Origin, Revision, State, Topic, city_rules
from meydan.articles.pages.looks import body_of, shown_picture
from meydan.articles.policies import may_edit, may_write
from meydan.articles.queries import find_article, find_by_number, find_own, newest_revision, open_revision
from meydan.kernel.errors import Invalid, MeydanError, NotFound
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.i18n import LANGUAGES, current_language
from meydan.kernel.inputs import parse
from meydan.kernel.policy import demand

Values = Mapping[str, Any]
ORDER = ("title", "language", "summary", "body", "picture", "alt", "topics", "about_technology", "origin")


@page("GET", "POST")
def new(request: HttpRequest) -> HttpResponse:
    """Begin an article; with `?translates=` the translation of one that is public."""
    actor = actor_of(request)
    demand(may_write(actor), actor)
    if request.method == "POST":
        return _take(request, None)
    original = _original(request, request.GET.get("translates", ""))
    wanted = request.GET.get("language", "")
    language = wanted if wanted in LANGUAGES else current_language()
    if original and original.language == language:
        language = next(code for code in LANGUAGES if code != original.language)
    values = {"language": language, "topics": original.live.topics if original and original.live else []}
    return _show(request, None, values, {}, original=original)


@page("GET", "POST")
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Go on writing."""
    article = find_own(actor_of(request), slug)
    if request.method == "POST":
        return _take(request, article)
    values = _values_of(article)
    if values is None:  # its page says who has it now, and takes it back
        return HttpResponseRedirect(reverse("articles:show", kwargs={"slug": article.slug}))
    return _show(request, article, values, {})


def _take(request: HttpRequest, article: Article | None) -> HttpResponse:
    actor = actor_of(request)
    actions.limit_writing(actor)
    try:
        taken = parse(WriteArticle, request.POST)
        article = _keep(request, article, taken)
    except Invalid as error:
        return _show(request, article, _typed(request), error.fields, status=422)
    try:
        _add_picture(request, article, taken)
        if taken.do == "hand_in":
            actions.hand_in_article(actor, article.pk, publish_at=taken.publish_at)
    except Invalid as error:
        found = find_article(actor, article.slug)
        return _show(request, found, _typed(request), _in_order(error.fields), status=422)
    return HttpResponseRedirect(_next(article, taken))


def _keep(request: HttpRequest, article: Article | None, taken: WriteArticle) -> Article:
    actor = actor_of(request)
    if article is None:
        return actions.draft_article(actor, words=taken.words, language=taken.language, translates=taken.translates)
    actions.save_article(actor, article.pk, words=taken.words)
    return article


def _add_picture(request: HttpRequest, article: Article, taken: WriteArticle) -> None:
    file = request.FILES.get("picture")
    if file is not None:
        try:
            actions.add_picture(actor_of(request), article.pk, source=cast(BinaryIO, file.file), alt=taken.alt)
        except Invalid as error:
            raise Invalid(fields=error.fields or {"picture": error.message}) from error
        except MeydanError as error:
            raise Invalid(fields={"picture": error.message}) from error
    elif taken.do == "picture":
        raise Invalid(fields={"picture": _("Choose a picture.")})


def _in_order(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: fields[name] for name in (*ORDER, *fields) if name in fields}


def _next(article: Article, taken: WriteArticle) -> str:
    if taken.do == "hand_in":
        return f"{reverse('articles:show', kwargs={'slug': article.slug})}?done=handed_in"
    here = reverse("articles:edit", kwargs={"slug": article.slug})
    return {"preview": f"{here}?preview=1#preview", "picture": f"{here}?done=picture#pictures"}.get(
        taken.do, f"{here}?done=saved"
    )


def _typed(request: HttpRequest) -> dict[str, Any]:
    values: dict[str, Any] = {name: str(value)[:50_000] for name, value in request.POST.items()}
    return {**values, "topics": request.POST.getlist("topics")[:20]}


def _values_of(article: Article) -> dict[str, Any] | None:
    """None while a moderator has it."""
    revision = open_revision(article) or newest_revision(article)
    if revision.state not in (*EDITABLE, State.PUBLISHED, State.REFUSED):
        return None
    names = ("title", "summary", "body", "topics", "origin", "source_name", "source_url", "about_technology")
    values = {name: getattr(revision, name) for name in names}
    wanted = timezone.localtime(article.wanted_at) if article.wanted_at else None
    when = {"publish_on": f"{wanted:%Y-%m-%d}", "publish_time": f"{wanted:%H:%M}"} if wanted else {}
    return {**values, **when, "language": article.language}


def _original(request: HttpRequest, number: str) -> Article | None:
    """The public article that is to be translated."""
    if not number:
        return None
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise NotFound
    found = find_by_number(actor_of(request), int(number))
    if not found.is_public:
        raise NotFound
    return found


def _original_of(request: HttpRequest, article: Article | None, values: Values) -> Article | None:
    """Beside a translation that is being written stands what it translates."""
    if article is None:
        return _original(request, str(values.get("translates") or ""))
    others = Article.objects.filter(group=article.group, live__isnull=False, hidden=False).exclude(pk=article.pk)
    return others.select_related("live").order_by("made_at").first()


def _show(
    request: HttpRequest,
    article: Article | None,
    values: Values,
    errors: Values,
    *,
    original: Article | None = None,
    status: int = 200,
) -> HttpResponse:
    original = original or _original_of(request, article, values)
    revision: Revision | None = newest_revision(article) if article else None
    context = {
        "article": article,
        "values": values,
        "errors": errors,
        "original": original,
        "original_body": body_of(original, original.live) if original and original.live else "",
        "languages": list(LANGUAGES.items()),
        "topics": Topic.choices,
        "origins": Origin.choices,
        "technology_only": city_rules().technology_only,
        "pictures": [shown_picture(one) for one in article.pictures.all()] if article else [],
        "most_pictures": MAX_PICTURES,
        "preview": body_of(article, revision) if article and revision and request.GET.get("preview") else "",
        "revision": revision,
        "done": request.GET.get("done", ""),
    }
    return render(request, "articles/edit.html", context, status=status)


@page("POST")
def remove_picture(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a picture out of one's article."""
    article = find_own(actor_of(request), slug)
    taken = parse(RemovePicture, request.POST)
    actions.remove_picture(actor_of(request), article.pk, picture=taken.picture)
    return HttpResponseRedirect(f"{reverse('articles:edit', kwargs={'slug': slug})}#pictures")


@page("POST")
def take_back(request: HttpRequest, slug: str) -> HttpResponse:
    """Have no moderator look at it any more, and go on writing."""
    article = find_own(actor_of(request), slug)
    actions.take_back_article(actor_of(request), article.pk)
    return HttpResponseRedirect(reverse("articles:edit", kwargs={"slug": slug}))


@page("POST")
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Take one's article off the public pages."""
    article = find_article(actor_of(request), slug)
    demand(may_edit(actor_of(request), article), actor_of(request))
    actions.withdraw_article(actor_of(request), article.pk)
    return HttpResponseRedirect(f"{reverse('articles:mine')}?done=withdrawn")
