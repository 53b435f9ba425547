"""What follows for articles from decisions of moderators, from time, and from a closed account."""

from meydan.accounts.facts import PersonDeleted
from meydan.articles.actions import (
    approve_article,
    forget_author,
    hide_article,
    publish_due_articles,
    return_article,
    show_article,
)
from meydan.kernel.actor import SYSTEM
from meydan.kernel.jobs import periodic
from meydan.kernel.reactions import reacts_to
from meydan.moderation.public import carries_out

carries_out("article", approve=approve_article, give_back=return_article, hide=hide_article, show=show_article)


@reacts_to(PersonDeleted)
def forget_the_author(fact: PersonDeleted) -> None:
    """Who closes their account leaves what was public, without a name."""
    for person in fact.persons:
        forget_author(SYSTEM, person=person)


@periodic(name="articles.publish", cron="* * * * *")
def publish_what_is_due(_due: int) -> None:
    """Every minute: what was agreed to and whose time has come."""
    publish_due_articles()
