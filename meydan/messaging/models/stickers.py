"""The city's own stickers: small drawings that people send instead of words. Their addresses are the same in every
city, so that a client that has the names needs no list from anybody."""

STICKERS_PREFIX = "sticker1-"
"""What their media ids begin with. A file never changes under its address: other drawings need another number."""
STICKERS = {
    "hello": "👋",
    "thanks": "🙏",
    "laugh": "😄",
    "sad": "😢",
    "wonder": "😮",
    "goodnight": "🌙",
    "yes": "👍",
    "no": "👎",
    "wait": "⏳",
    "heart": "❤️",
    "rose": "🌹",
    "tea": "🍵",
    "sun": "☀️",
    "rain": "🌧️",
    "cat": "🐱",
    "party": "🎉",
}
"""By name, and the sign that stands for each where no picture can be shown: it is read in every language."""
STICKER_SIDE = 256
"""Pixels."""
PACK = "im.ponies.user_emotes"
"""Account data that clients take a person's own stickers from (MSC2545, "User image packs")."""


def sticker_id(name: str) -> str:
    """The media id of a sticker."""
    return f"{STICKERS_PREFIX}{name}"


def pack_of(server_name: str) -> dict[str, object]:
    """The city's stickers as an image pack (MSC2545): what `PACK` holds for who has put nothing else there."""
    info = {"w": STICKER_SIDE, "h": STICKER_SIDE, "mimetype": "image/png"}
    address = f"mxc://{server_name}/{STICKERS_PREFIX}"
    about = {"display_name": server_name, "avatar_url": f"{address}hello", "usage": ["sticker"]}
    return {
        "pack": about,
        "images": {name: {"url": address + name, "body": sign, "info": info} for name, sign in STICKERS.items()},
    }
