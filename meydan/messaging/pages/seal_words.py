"""What the dialogs about keys and devices say: loaded with them, for few open them (`words.py` has the rest)."""

from functools import lru_cache

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from meydan.kernel.i18n import current_language

SEAL_WORDS = {
    # a message that cannot be read
    "shutTitle": _("Why can I not read this?"),
    "shutWaitsHelp": _(
        "The sender's device gives the key to yours. When it was switched off, or had no line, that takes until it is"
        " back. You need not do anything; you can also ask the backup once more."
    ),
    "shutBeforeHelp": _(
        "Keys are kept on your devices, and encrypted at the city, which cannot open them. Enter your recovery key, or"
        " confirm this browser from a device on which you can read the message."
    ),
    "shutLostHelp": _("Only those who were there then have the key. Ask them to write it again."),
    "shutAwayHelp": _(
        "Who enters later gets the keys of before only where the conversation allows it, and from a confirmed device of"
        " who invited them. Ask them to confirm theirs, or somebody to write it again."
    ),
    "shutWithheldHelp": _(
        "Some apps give keys only to devices that their owner has confirmed. Confirm this browser, then ask %(name)s to"
        " write again."
    ),
    "shutChangedHelp": _(
        "%(name)s has new keys: a new phone, perhaps, or somebody who pretends to be them. Ask them in another way, and"
        " compare emoji again."
    ),
    "shutAgain": _("Look for the key once more"),
    "trustAgain": _("I have asked: they are theirs"),
    # the recovery key
    "recoveryKey": _("Recovery key"),
    "recoveryMake": _("Make a recovery key"),
    "recoveryMakeNow": _("Make it now"),
    "recoveryOther": _("Make another one"),
    "recoveryWhat": _(
        "A recovery key is a long password that opens your encrypted messages on a new phone or browser, also when all"
        " your devices are lost."
    ),
    "recoveryWhere": _(
        "Nobody else has it: neither the city nor anybody can give it to you again. Write it on paper, or keep it where"
        " you keep your passwords."
    ),
    "recoveryThis": _("This is your recovery key:"),
    "recoveryCopy": _("Copy it"),
    "recoveryCopied": _("It is copied."),
    "recoverySave": _("Save it as a file"),
    "recoveryOnce": _("It is shown only now. Whoever has it can read your messages."),
    "recoverySure": _("I have put it in a safe place"),
    "recoveryDone": _("Done"),
    "recoveryEnter": _("Enter the recovery key"),
    "recoveryEnterText": _("Write it as you noted it; spaces do not matter."),
    "recoveryGo": _("Open my messages"),
    "recoveryBack": _("Your keys are back: %(count)s. This browser is confirmed."),
    "recoveryWrong": _("This is not your recovery key. Look whether a letter is missing."),
    "recoveryIs": _("You have one. With it you read your messages on any new device."),
    "recoveryNone": _("You have none. If you lose this browser and your other devices, your messages are lost too."),
    "backupIs": _("The city keeps %(count)s keys for you, encrypted. It cannot open them."),
    # comparing emoji
    "ownDevice": _("your other device"),
    "verify": _("Compare emoji"),
    "verifyThis": _("Confirm it from another device"),
    "verifyBegins": _("The devices are connecting …"),
    "verifyOwnAsks": _("Another device of yours has just signed in and asks whether it is really you."),
    "verifyAsks": _("%(name)s would like to compare emoji, so that you know that nobody sits between you."),
    "verifyAccept": _("Compare"),
    "verifyOwnWaits": _("Take your other device, open your messages there, and accept."),
    "verifyWaits": _("Waiting for %(name)s to accept."),
    "verifyTogether": _("It is best to do this side by side, or on the phone."),
    "verifyEmoji": _("The emoji to compare"),
    "verifyCompare": _("Does %(name)s see the same emoji in the same order?"),
    "verifyCompareOwn": _("Do you see the same emoji in the same order on the other device?"),
    "verifySame": _("They are the same"),
    "verifyDiffers": _("They differ"),
    "verifyWaitsMatch": _("Waiting for the other side to say the same."),
    "verifyDone": _("%(name)s is confirmed. Nobody can pretend to be them without your being told."),
    "verifyDoneOwn": _("The device is confirmed. It gets the keys to your messages."),
    "verifyCancelled": _("It was broken off."),
    "verifyCancelledText": _(
        "If the emoji differed, somebody may sit between you: do not write anything secret until you have found out."
    ),
    # devices
    "devices": _("Devices and keys"),
    "devicesList": _("Where you are signed in"),
    "hereVerified": _("This browser is confirmed. It can read your encrypted messages."),
    "hereUnknown": _("This browser is not confirmed. It reads what is written from now on, not what was before."),
    "deviceHere": _("This browser"),
    "deviceVerified": _("Confirmed"),
    "deviceUnknown": _("Not confirmed"),
    "deviceNoKeys": _("Without encryption"),
    "deviceSeen": _("last here: %(when)s"),
    "deviceEnd": _("Sign it out"),
    "deviceEndNow": _("Yes, sign it out"),
    "deviceEndSure": _(
        "It is signed out at once, a browser from all of Meydan, and reads nothing that is written from now on."
    ),
    "anew": _("Begin with new keys"),
    "anewText": _(
        "Only when you have neither another device nor the recovery key. Your old encrypted messages stay closed, and"
        " those who had confirmed you must do it again."
    ),
    "anewAllow": _("1. Allow it on your account's page"),
    "anewNow": _("2. Make new keys"),
    "anewNotYet": _("It is not allowed yet. Press the first button, then come back within ten minutes."),
    # people
    "trust": _("Are they who they say they are?"),
    "trustText": _("Compare emoji once, and you will be told if somebody else writes in their name."),
    "trustIs": _("Confirmed by you"),
    "trustNot": _("Not compared yet"),
    "trustChanged": _("Has new keys: compare again"),
    "trustNoKeys": _("Has not opened encrypted messages yet"),
    # keys of before, for who comes later
    "owed": _(
        "Conversations in which somebody waits for keys that only a confirmed browser of yours can give: %(count)s."
    ),
    "gives": _("What was written before can be read by them as well."),
    "givesNot": _(
        "This browser is not confirmed as yours, so it cannot give them the keys to what was written before. Confirm"
        " it, and they get them by themselves."
    ),
    "givesLater": _("They get the keys to what was written before as soon as they open their messages."),
    # the emoji that are compared, by their names in the spec ("SAS method: emoji")
    "emoji-Dog": pgettext_lazy("emoji", "Dog"),
    "emoji-Cat": pgettext_lazy("emoji", "Cat"),
    "emoji-Lion": pgettext_lazy("emoji", "Lion"),
    "emoji-Horse": pgettext_lazy("emoji", "Horse"),
    "emoji-Unicorn": pgettext_lazy("emoji", "Unicorn"),
    "emoji-Pig": pgettext_lazy("emoji", "Pig"),
    "emoji-Elephant": pgettext_lazy("emoji", "Elephant"),
    "emoji-Rabbit": pgettext_lazy("emoji", "Rabbit"),
    "emoji-Panda": pgettext_lazy("emoji", "Panda"),
    "emoji-Rooster": pgettext_lazy("emoji", "Rooster"),
    "emoji-Penguin": pgettext_lazy("emoji", "Penguin"),
    "emoji-Turtle": pgettext_lazy("emoji", "Turtle"),
    "emoji-Fish": pgettext_lazy("emoji", "Fish"),
    "emoji-Octopus": pgettext_lazy("emoji", "Octopus"),
    "emoji-Butterfly": pgettext_lazy("emoji", "Butterfly"),
    "emoji-Flower": pgettext_lazy("emoji", "Flower"),
    "emoji-Tree": pgettext_lazy("emoji", "Tree"),
    "emoji-Cactus": pgettext_lazy("emoji", "Cactus"),
    "emoji-Mushroom": pgettext_lazy("emoji", "Mushroom"),
    "emoji-Globe": pgettext_lazy("emoji", "Globe"),
    "emoji-Moon": pgettext_lazy("emoji", "Moon"),
    "emoji-Cloud": pgettext_lazy("emoji", "Cloud"),
    "emoji-Fire": pgettext_lazy("emoji", "Fire"),
    "emoji-Banana": pgettext_lazy("emoji", "Banana"),
    "emoji-Apple": pgettext_lazy("emoji", "Apple"),
    "emoji-Strawberry": pgettext_lazy("emoji", "Strawberry"),
    "emoji-Corn": pgettext_lazy("emoji", "Corn"),
    "emoji-Pizza": pgettext_lazy("emoji", "Pizza"),
    "emoji-Cake": pgettext_lazy("emoji", "Cake"),
    "emoji-Heart": pgettext_lazy("emoji", "Heart"),
    "emoji-Smiley": pgettext_lazy("emoji", "Smiley"),
    "emoji-Robot": pgettext_lazy("emoji", "Robot"),
    "emoji-Hat": pgettext_lazy("emoji", "Hat"),
    "emoji-Glasses": pgettext_lazy("emoji", "Glasses"),
    "emoji-Spanner": pgettext_lazy("emoji", "Spanner"),
    "emoji-Santa": pgettext_lazy("emoji", "Santa"),
    "emoji-Thumbs Up": pgettext_lazy("emoji", "Thumbs Up"),
    "emoji-Umbrella": pgettext_lazy("emoji", "Umbrella"),
    "emoji-Hourglass": pgettext_lazy("emoji", "Hourglass"),
    "emoji-Clock": pgettext_lazy("emoji", "Clock"),
    "emoji-Gift": pgettext_lazy("emoji", "Gift"),
    "emoji-Light Bulb": pgettext_lazy("emoji", "Light Bulb"),
    "emoji-Book": pgettext_lazy("emoji", "Book"),
    "emoji-Pencil": pgettext_lazy("emoji", "Pencil"),
    "emoji-Paperclip": pgettext_lazy("emoji", "Paperclip"),
    "emoji-Scissors": pgettext_lazy("emoji", "Scissors"),
    "emoji-Lock": pgettext_lazy("emoji", "Lock"),
    "emoji-Key": pgettext_lazy("emoji", "Key"),
    "emoji-Hammer": pgettext_lazy("emoji", "Hammer"),
    "emoji-Telephone": pgettext_lazy("emoji", "Telephone"),
    "emoji-Flag": pgettext_lazy("emoji", "Flag"),
    "emoji-Train": pgettext_lazy("emoji", "Train"),
    "emoji-Bicycle": pgettext_lazy("emoji", "Bicycle"),
    "emoji-Aeroplane": pgettext_lazy("emoji", "Aeroplane"),
    "emoji-Rocket": pgettext_lazy("emoji", "Rocket"),
    "emoji-Trophy": pgettext_lazy("emoji", "Trophy"),
    "emoji-Ball": pgettext_lazy("emoji", "Ball"),
    "emoji-Guitar": pgettext_lazy("emoji", "Guitar"),
    "emoji-Trumpet": pgettext_lazy("emoji", "Trumpet"),
    "emoji-Bell": pgettext_lazy("emoji", "Bell"),
    "emoji-Anchor": pgettext_lazy("emoji", "Anchor"),
    "emoji-Headphones": pgettext_lazy("emoji", "Headphones"),
    "emoji-Folder": pgettext_lazy("emoji", "Folder"),
    "emoji-Pin": pgettext_lazy("emoji", "Pin"),
}


def seal_words() -> dict[str, str]:
    """All of them in the reader's language."""
    return _in(current_language())


@lru_cache(maxsize=8)
def _in(_language: str) -> dict[str, str]:
    return {name: str(sentence) for name, sentence in SEAL_WORDS.items()}
