"""Tables of what people send each other beside words, of their pictures, and of the words of messages, to find them."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q


class Media(models.Model):
    """A file under its `mxc://server/media_id`. `file` is None until it was uploaded, which must be before `expires_at`
    (client-server API, "Content repository", asynchronous uploads)."""

    media_id = models.CharField(primary_key=True, max_length=64)
    owner = models.CharField(max_length=255)
    content_type = models.CharField(max_length=255, blank=True)
    filename = models.CharField(max_length=255, blank=True)
    file = models.ForeignKey("kernel.StoredFile", on_delete=models.PROTECT, null=True, related_name="+")
    size = models.BigIntegerField(default=0)  # bytes
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    unused_at = models.DateTimeField(null=True)  # when an event that showed it was deleted or redacted

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["owner", "made_at"], name="messaging_media_owner"),
            models.Index(fields=["unused_at"], condition=Q(unused_at__isnull=False), name="messaging_media_unused"),
        ]


class MediaUse(models.Model):
    """That the event at this position shows a file. What encrypted events show nobody here can know."""

    pk = models.CompositePrimaryKey("media", "shard", "pos")
    media = models.CharField(max_length=64)
    shard = models.SmallIntegerField()
    pos = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["shard", "pos"], name="messaging_mediause_event")]


class Thumbnail(models.Model):
    """A small form of a picture, made once. Width and height are those that were asked for, in pixels."""

    media = models.ForeignKey(Media, on_delete=models.CASCADE, related_name="+")
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    crop = models.BooleanField()
    file = models.ForeignKey("kernel.StoredFile", on_delete=models.PROTECT, related_name="+")
    size = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["media", "width", "height", "crop"], name="messaging_thumbnail_one")
        ]


class Profile(models.Model):
    """What a person shows beside their name, which is Meydan's own: a picture."""

    person = models.CharField(primary_key=True, max_length=255)
    avatar_url = models.CharField(max_length=255)


class EventWords(models.Model):
    """The words of an event, folded. They follow the events (`SearchMark`) and can be made anew at any time."""

    pk = models.CompositePrimaryKey("shard", "pos")
    shard = models.SmallIntegerField()
    pos = models.BigIntegerField()
    room = models.BigIntegerField()
    words = SearchVectorField()

    class Meta:
        indexes: ClassVar = [GinIndex(fields=["words"], name="messaging_eventwords_words")]


class SearchMark(models.Model):
    """Up to which position the words of a shard's events are known."""

    shard = models.SmallIntegerField(primary_key=True)
    pos = models.BigIntegerField()


class ProfileField(models.Model):
    """What somebody says of themselves beside name and picture: `value` is any JSON."""

    pk = models.CompositePrimaryKey("person", "name")
    person = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    value = models.BinaryField()
