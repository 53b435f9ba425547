"""What follows for comments from what happens elsewhere."""

from meydan.accounts.facts import PersonDeleted
from meydan.comments.actions import forget_writer, hide_comment, show_comment
from meydan.kernel.actor import SYSTEM
from meydan.kernel.reactions import reacts_to
from meydan.moderation.public import carries_out

carries_out("comment", hide=hide_comment, show=show_comment)  # its answers stay


@reacts_to(PersonDeleted)
def forget_who_wrote(fact: PersonDeleted) -> None:
    """With an account its name goes from what it wrote, and its stars from what it rated."""
    for person in fact.persons:
        forget_writer(SYSTEM, person=person)
