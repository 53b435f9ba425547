"""The city's own stickers: small drawings that people send instead of words. Their addresses are the same in every
city, so that a client that has the names needs no list from anybody."""

STICKERS_PREFIX = "sticker1-"
"""What their media ids begin with. A file never changes under its address: other drawings need another number."""
STICKERS = (
    *("hello", "thanks", "laugh", "sad", "wonder", "goodnight", "yes", "no"),
    *("wait", "heart", "rose", "tea", "sun", "rain", "cat", "party"),
)


def sticker_id(name: str) -> str:
    """The media id of a sticker."""
    return f"{STICKERS_PREFIX}{name}"
