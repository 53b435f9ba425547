"""What the messenger in the browser says while it shows the list, by the names that its scripts call the sentences by,
and its icons. All the rest comes with the first part that needs it (`more_words.py`).

`%(name)s` is filled in by the scripts, isolated, so that a name of the other direction does not turn the sentence.
"""

from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from meydan.kernel.i18n import current_language

ICONS = (
    "arrow-left",
    "clock-3",
    "circle-alert",
    "pin",
    "bell-off",
    "badge-check",
    "file",
    "video",
    "landmark",
    "link",
    "archive",
    "at-sign",
    "sticker",
)

WORDS = {
    "today": _("Today"),
    "yesterday": _("Yesterday"),
    "you": _("You"),
    "noName": _("A conversation without a name"),
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
    "archived": _("Archived: %(count)s"),
    "typing": _("%(name)s is writing …"),
    "typingMany": _("Several people are writing …"),
    "draft": _("Draft: %(text)s"),
    "waiting": _("Waits for the line"),
    # a message
    "sent": _("Sent"),
    "refused": _("Not sent: %(reason)s"),
    "deleted": _("This message was deleted."),
    "sealed": _("An encrypted message"),
    "sealOpening": _("Encrypted. It is being opened …"),
    "shutWaits": _("Encrypted, and its key has not come yet. It comes by itself once %(name)s has a line."),
    "shutBefore": _("Written before you signed in here. Your recovery key opens it, or another device of yours."),
    "shutLost": _("Written before you signed in here, and its key was kept nowhere."),
    "shutAway": _("Written when you were not in this conversation."),
    "shutChanged": _("Encrypted with new keys, though you had verified %(name)s."),
    "shutWithheld": _("The app of %(name)s has not given this device the key."),
    "verifyAsked": _("Asks to compare emoji, so that you know each other's devices"),
    "photo": _("Photo"),
    "video": _("Video"),
    "voice": _("Voice message"),
    "file": _("File"),
    "place": _("A place"),
    "official": _("The city itself"),
    "lookalike": _("Careful: the address has letters that look like others."),
    # deeds
    "outboxFull": _("Too much waits to be sent. Wait until there is a line."),
    # rooms
    "sealMissing": _("Encrypted. This city's server lacks what reads it in the browser: open it in a Matrix app."),
    "sealOld": _("Encrypted, and this browser is too old to read it. Use a newer one, or a Matrix app."),
    "back": _("Back to the conversations"),
    "invite": _("Invite somebody"),
    "pin": _("Pin to the top"),
    "leave": _("Leave the conversation"),
    # voice
    "sound": _("Sound"),
    # polls
    "poll": _("Poll"),
    # stickers
    "sticker": _("Sticker"),
    # calls
    "voiceCall": _("Voice call"),
    "videoCall": _("Video call"),
    # refusals
    "forbidden": _("You may not do that here."),
    "limited": _("Too much at once. Wait a moment."),
    "notFound": _("That is not here any more."),
    "failed": _("That did not work. Try it again."),
    "sealFailed": _("It could not be encrypted, so it was not sent."),
    "needsLine": _("That needs a line. Try it again when you have one."),
}


def words() -> dict[str, str]:
    """All of them in the reader's language."""
    return _in(current_language())


@lru_cache(maxsize=8)
def _in(_language: str) -> dict[str, str]:
    return {name: str(sentence) for name, sentence in WORDS.items()}
