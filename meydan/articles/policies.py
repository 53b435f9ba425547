"""Who may do what with articles."""

from django.utils.translation import gettext_lazy as _

from meydan.articles.models import Article
from meydan.kernel.actor import Actor, Role
from meydan.kernel.policy import ALLOW, Verdict, refuse, sign_in_first


def may_write(actor: Actor) -> Verdict:
    """Whoever has an account may suggest an article."""
    if actor.is_system or actor.person_id is not None:
        return ALLOW
    return sign_in_first()


def may_edit(actor: Actor, article: Article) -> Verdict:
    """Its author, and nobody else: moderators ask for changes."""
    if is_own(actor, article):
        return ALLOW
    return sign_in_first() if actor.is_visitor else refuse(_("Only its author may change it."))


def may_decide(actor: Actor, article: Article) -> Verdict:
    """What moderators have decided is carried out by the city itself."""
    return ALLOW if actor.is_system else refuse(_("Moderators decide about this at their own desk."))


def may_read(actor: Actor, article: Article) -> Verdict:
    """Everybody what is public; the rest its author and moderators."""
    if article.is_public or is_own(actor, article) or actor.has(Role.MODERATOR):
        return ALLOW
    return refuse(_("This is not public."), "not_public")


def may_forget(actor: Actor) -> Verdict:
    """The city itself, when somebody closes their account."""
    return ALLOW if actor.is_system else refuse(_("Only the city itself does this."))


def is_own(actor: Actor, article: Article) -> bool:
    """Whether the actor wrote it."""
    return actor.person_id is not None and actor.person_id == article.author_id
