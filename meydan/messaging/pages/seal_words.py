"""What the dialogs about keys and devices say: loaded with them, for few open them (`words.py` has the rest)."""

from functools import lru_cache

from django.utils.translation import gettext_lazy as _

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
    "shutAwayHelp": _("Who enters later does not get the keys of before. Ask somebody to write it again."),
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
}


def seal_words() -> dict[str, str]:
    """All of them in the reader's language."""
    return _in(current_language())


@lru_cache(maxsize=8)
def _in(_language: str) -> dict[str, str]:
    return {name: str(sentence) for name, sentence in SEAL_WORDS.items()}
