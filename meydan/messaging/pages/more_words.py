"""What those parts of the messenger say that are loaded when they are needed, and their icons. The page itself is not
made heavier by them: `chat/more.js` fetches them once, with the first of these parts.
"""

from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from meydan.kernel.i18n import current_language

MORE_ICONS = (
    *("chevron-down", "circle-arrow-right", "user-x", "user-minus", "crown", "shield", "key-round", "ban"),
    *("settings", "smartphone"),
)

MORE_WORDS = {
    # a case's card
    "caseNumber": _("No. %(number)s"),
    "caseTerm": _("Answer: %(term)s"),
    "caseNext": _("Next: %(text)s"),
    "yourWords": _("Your words"),
    "yourWordsOr": _("Your words, if you like"),
    "photosFor": _("Photos, five at most"),
    # notifications
    "settings": _("Settings of the messenger"),
    "youAre": _("Your name here:"),
    "notifications": _("Notifications"),
    "pushOn": _("Tell me of new messages and calls while this page is closed"),
    "pushText": _(
        "Your browser asks you once whether it may. What is sent through its maker's service says only that"
        " there is something new, never who writes or what; it ends when you sign out."
    ),
    "pushCannot": _(
        "This browser cannot be told while the page is closed. On an iPhone put the city on the Home Screen"
        " first, and open it from there."
    ),
    "pushDenied": _(
        "Your browser has been told not to show notifications of this page. Allow them in its settings for"
        " this page, then press again."
    ),
    "pushNotAllowed": _("Nothing was changed: your browser was not allowed to show notifications."),
    "pushRefused": _("Your browser's own service does not take this now. Try it again later."),
    "pushApp": _("Messages of the city"),
    "pushMessage": _("New message"),
    "pushCall": _("Incoming call"),
    "pushInvite": _("You are invited to a conversation"),
    # found, and devices
    "beFound": _("Who finds me"),
    "beFoundLink": _("Choose by whom you are found, by your name or e-mail address"),
    "linkDevice": _("Link another device"),
    "linkBrowser": _(
        "Another browser: point its camera here, or open the sign-in page there. It signs in by passkey, by"
        " password, or shows a code for this device: choose “Sign in with another device” there."
    ),
    "linkApp": _("An app or a device that shows you a code:"),
    "linkEnter": _("Enter the code"),
    "codeOf": _("The address as a code for a camera"),
    "ways": _("Ways to the messenger"),
    "wayNow": _("in use now"),
    # groups
    "groupSettings": _("Settings of the group"),
    "groupPicture": _("Picture of the group"),
    "noPicture": _("Choose a picture."),
    "keep": _("Keep"),
    "kept": _("This is kept."),
    "whoWrites": _("Who may write"),
    "writeAll": _("Everybody in the group"),
    "writeModerators": _("Moderators and leaders"),
    "writeLeads": _("Leaders only"),
    "roleLeads": _("Leader"),
    "roleModerates": _("Moderator"),
    "roleMember": _("Member"),
    "memberMore": _("More about %(name)s"),
    "makeLead": _("Make a leader"),
    "makeModerator": _("Make a moderator"),
    "makeMember": _("Make a member like all others"),
    "handOver": _("Hand the group over to them"),
    "handOverSure": _(
        "Hand the group over to %(name)s? They lead it from then on, and you are a member like all others."
    ),
    "handOverNow": _("Hand over"),
    "handedOver": _("The group is %(name)s’s now."),
    "removeFrom": _("Remove from the conversation"),
    "removeSure": _("Remove %(name)s? They can come back when they are invited."),
    "removeNow": _("Remove"),
    "banFrom": _("Ban for good"),
    "banSure": _("Ban %(name)s? They cannot come back, not by a link either, until somebody lifts it."),
    "banNow": _("Ban"),
    "bannedPeople": _("Banned people"),
    "nobodyBanned": _("Nobody is banned."),
    "unban": _("Lift the ban"),
    "channelHides": _("This is a channel: you see who writes, and nobody sees who reads."),
    "isChannel": _("Channel"),
    "isGroup": _("Group"),
    # links
    "inviteLinks": _("Links to come in by"),
    "linkText": _("Whoever has the link may come in for %(days)s days, unless you withdraw it."),
    "makeLink": _("Make a link"),
    "linkBy": _("Link by %(name)s"),
    "linkUntil": _("until %(moment)s · used: %(count)s"),
    "withdrawLink": _("Withdraw this link"),
    "linkWithdrawn": _("The link is withdrawn. Nobody comes in by it any more."),
    "theLink": _("The link"),
    "copyLink": _("Copy the link"),
    "shareLink": _("Send it on"),
    "linkCopied": _("The link is copied."),
    "linkOnce": _("Good until %(moment)s. It is shown only now: the city keeps no copy of it."),
    "linkLooks": _("Looking where the link leads …"),
    "linkEnded": _("This link has ended, or was withdrawn. Ask for a new one."),
    "joinTitle": _("Enter this conversation?"),
    "joinSealed": _("This conversation is encrypted from end to end."),
    # trouble
    "block": _("Block"),
    "unblock": _("Lift the block"),
    "blocked": _("Blocked: you are told nothing more of what they write."),
    "unblocked": _("Not blocked any more."),
    "blockedPeople": _("Blocked people"),
    "nobodyBlocked": _("You have blocked nobody."),
    "reportMessage": _("Report this message"),
    "reportRoom": _("Report this conversation"),
    "reportPerson": _("Report this person"),
    "reportText": _("A moderator of the city looks at it. Of an encrypted message they see only what you write here."),
    "reportReason": _("What is wrong?"),
    "reportWords": _("More, in your words"),
    "reportSend": _("Send to the moderators"),
    "reportThanks": _("Thank you. A moderator will look at it."),
    "reasonSpam": _("Advertising, or the same again and again"),
    "reasonInsult": _("Insult or hatred"),
    "reasonFraud": _("Fraud, or somebody pretends to be another"),
    "reasonViolence": _("Violence or threats"),
    "reasonChild": _("Harm to a child"),
    "reasonOther": _("Something else"),
    "archive": _("Archive"),
    "unarchive": _("Take out of the archive"),
    # the directory
    "publicRooms": _("Public conversations"),
    "findRooms": _("Find a public conversation"),
    "noPublicRooms": _("There are no public conversations yet."),
    "noRoomsFound": _("None was found. Begin one yourself."),
    "moreRooms": _("More"),
    "interest": _("Topic"),
    "noInterest": _("No topic"),
    "interest_neighbourhood": _("Neighbourhood"),
    "interest_parents": _("Parents and children"),
    "interest_learning": _("School and learning"),
    "interest_work": _("Work"),
    "interest_culture": _("Culture and books"),
    "interest_sport": _("Sport"),
    "interest_health": _("Health"),
    "interest_nature": _("Nature and animals"),
    "interest_traffic": _("Traffic"),
    "interest_technology": _("Technology"),
    "interest_trade": _("Buying and selling"),
    "interest_faith": _("Faith"),
}


def more_words() -> dict[str, str]:
    """All of them in the reader's language."""
    return _in(current_language())


@lru_cache(maxsize=8)
def _in(_language: str) -> dict[str, str]:
    return {name: str(sentence) for name, sentence in MORE_WORDS.items()}
