"""What the messenger in the browser says, by the names that its scripts call the sentences by, and its icons.

`%(name)s` is filled in by the scripts, isolated, so that a name of the other direction does not turn the sentence.
"""

from functools import lru_cache

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from meydan.kernel.i18n import current_language

ICONS = (
    *("arrow-left", "send", "paperclip", "x", "ellipsis", "reply", "pencil", "trash-2", "smile-plus", "check"),
    *("check-check", "clock-3", "circle-alert", "pin", "bell-off", "badge-check", "lock", "search", "users", "file"),
    *("landmark", "arrow-down", "copy", "user-round", "link", "eye"),
)

WORDS = {
    "today": _("Today"),
    "yesterday": _("Yesterday"),
    "you": _("You"),
    "noName": _("A conversation without a name"),
    "more": _("More about this message"),
    "close": _("Close"),
    "cancel": _("Cancel"),
    # the line
    "connecting": _("Connecting …"),
    "offline": _("No line. What you write is kept here and sent by itself."),
    "signedOut": _("You are signed out. Sign in to read your messages."),
    "signIn": _("Sign in"),
    "fault": _("The messenger does not answer. It is tried again by itself."),
    # the list
    "noRooms": _("No conversations yet"),
    "noRoomsText": _("Write to somebody of the city, or enter a public room."),
    "noneFound": _("No conversation is called so."),
    "unread": _("Unread: %(count)s"),
    "mentioned": _("You are mentioned"),
    "invited": _("Invites you"),
    "pinned": _("Pinned"),
    "muted": _("Muted"),
    "typing": _("%(name)s is writing …"),
    "typingMany": _("Several people are writing …"),
    "draft": _("Draft: %(text)s"),
    "waiting": _("Waits for the line"),
    # a message
    "sent": _("Sent"),
    "read": _("Read"),
    "refused": _("Not sent: %(reason)s"),
    "tryAgain": _("Try again"),
    "dropIt": _("Discard"),
    "edited": _("edited"),
    "deleted": _("This message was deleted."),
    "unknown": _("A message that this page cannot show. Open it in your app."),
    "sealed": _("An encrypted message. Open it in your app."),
    "photo": _("Photo"),
    "video": _("Video"),
    "voice": _("Voice message"),
    "file": _("File"),
    "place": _("A place"),
    "download": _("Download"),
    "notLoaded": _("The picture could not be loaded."),
    "replyTo": _("Answer to %(name)s"),
    "earlier": _("an earlier message"),
    "reactedBy": _("%(key)s from %(names)s"),
    "official": _("The city itself"),
    "lookalike": _("Careful: the address has letters that look like others."),
    # what happened
    "joined": _("%(name)s has joined."),
    "left": _("%(name)s has left."),
    "wasInvited": _("%(name)s was invited."),
    "removed": _("%(name)s was removed."),
    "named": _("%(name)s has named the conversation “%(text)s”."),
    "topicSet": _("%(name)s has changed what it is about."),
    "began": _("%(name)s has begun the conversation."),
    "caseClosed": _("The case is closed."),
    "caseOpen": _("The case is open."),
    # deeds
    "reply": pgettext_lazy("to a message", "Answer"),
    "edit": _("Change"),
    "delete": _("Delete"),
    "deleteSure": _("Delete this message for everybody?"),
    "copy": _("Copy the text"),
    "react": _("React with %(key)s"),
    "editing": _("You are changing your message"),
    "answering": _("You answer %(name)s"),
    "write": _("Message"),
    "send": _("Send"),
    "attach": _("Send a photo or a file"),
    "cancelUpload": _("Stop sending"),
    "tooLarge": _("This file is too large: at most %(size)s."),
    "outboxFull": _("Too much waits to be sent. Wait until there is a line."),
    "newest": _("To the newest message"),
    # rooms
    "cityReads": _("The city reads this conversation: whoever works on your case can read it."),
    "openRoom": _("Not encrypted: everybody in here reads it, and so could whoever runs the city's server."),
    "sealedRoom": _("This conversation is encrypted. Reading and writing it needs a Matrix app for now."),
    "caseCard": _("To the case"),
    "back": _("Back to the conversations"),
    "about": _("About this conversation"),
    "members": _("Members"),
    "membersCount": _("Members: %(count)s"),
    "invite": _("Invite somebody"),
    "mute": _("Mute"),
    "unmute": _("Unmute"),
    "pin": _("Pin to the top"),
    "unpin": _("Unpin"),
    "leave": _("Leave the conversation"),
    "leaveSure": _("Leave this conversation? You can come back only if you may enter again."),
    "leaveNow": _("Leave"),
    "inviteFrom": _("%(name)s invites you into this conversation."),
    "accept": _("Enter"),
    "decline": _("Decline"),
    "searchRoom": _("Search in this conversation"),
    "nothingFound": _("Nothing was found."),
    "isGone": _("You are not in this conversation any more."),
    # beginning one
    "begin": _("New conversation"),
    "findPeople": _("Find people by name"),
    "publicRooms": _("Public rooms"),
    "noPublicRooms": _("There are no public rooms yet."),
    "newGroup": _("New group"),
    "groupName": _("Name of the group"),
    "isPublic": _("Everybody may find and enter it"),
    "create": _("Begin"),
    "nobody": _("Nobody is called so, or they do not want to be found."),
    "enter": _("Enter"),
    "isIn": _("You are in it"),
    "openIt": _("Open"),
    # refusals
    "forbidden": _("You may not do that here."),
    "limited": _("Too much at once. Wait a moment."),
    "notFound": _("That is not here any more."),
    "failed": _("That did not work. Try it again."),
    "needsLine": _("That needs a line. Try it again when you have one."),
    "nameNeeded": _("Enter a name."),
}


def words() -> dict[str, str]:
    """All of them in the reader's language."""
    return _in(current_language())


@lru_cache(maxsize=8)
def _in(_language: str) -> dict[str, str]:
    return {name: str(sentence) for name, sentence in WORDS.items()}
