"""Versions of Android apps, and what their permissions mean in plain words."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from meydan.store.models.app import App

MAX_CHANGELOG = 2000


class Step(models.TextChoices):
    """How far a version has come."""

    READY = "ready", _("Not handed in yet")
    WAITING = "waiting", _("Waits for a moderator")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Malware(models.TextChoices):
    """What is known of a package from a scanner for malware."""

    UNCHECKED = "unchecked", _("Not checked for malware")
    CLEAN = "clean", _("No known malware in it")
    UNANSWERED = "unanswered", _("The malware scanner did not answer")
    FOUND = "found", _("Malware was found in it")


class Release(models.Model):
    """One version: what was read from its package, and the package itself. `matters`: why a moderator looks at it
    first, as codes of `Concern`. `trackers`: codes of packages.TRACKERS; `code_read`: whether all of its code was
    looked through for them."""

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="releases", db_index=False)
    version_code = models.PositiveBigIntegerField()
    version_name = models.CharField(max_length=80)
    changelog = models.JSONField(default=dict)  # by language
    step = models.CharField(max_length=10, choices=Step, default=Step.READY)
    file = models.ForeignKey("kernel.StoredFile", on_delete=models.PROTECT, related_name="+")
    size = models.PositiveBigIntegerField()
    min_sdk = models.PositiveIntegerField(default=1)
    target_sdk = models.PositiveIntegerField(default=1)
    max_sdk = models.PositiveIntegerField(null=True)
    permissions = ArrayField(models.CharField(max_length=200), default=list)
    permission_limits = models.JSONField(default=dict)  # up to which Android's level it asks for a permission
    features = ArrayField(models.CharField(max_length=200), default=list)
    native_abis = ArrayField(models.CharField(max_length=30), default=list)
    signers = ArrayField(models.CharField(max_length=64), default=list)
    trackers = ArrayField(models.CharField(max_length=30), default=list)
    code_read = models.BooleanField(default=False)
    malware = models.CharField(max_length=10, choices=Malware, default=Malware.UNCHECKED)
    malware_name = models.CharField(max_length=80, blank=True)  # as the scanner calls what it has found
    scanned_at = models.DateTimeField(null=True)
    matters = ArrayField(models.CharField(max_length=20), default=list)
    added_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["app", "version_code"], name="store_version_once"),
            models.CheckConstraint(condition=Q(step__in=Step.values), name="store_release_step"),
            models.CheckConstraint(condition=Q(malware__in=Malware.values), name="store_release_malware"),
        ]
        indexes: ClassVar = [models.Index(F("app"), F("version_code").desc(), name="store_releases")]

    def __str__(self) -> str:
        return f"{self.app_id} {self.version_name}"


class Concern(models.TextChoices):
    """What makes a moderator look at a new version."""

    FIRST = "first", _("It is the first version")
    PERMISSIONS = "permissions", _("It asks for new sensitive permissions")
    OLD_TARGET = "old_target", _("It is made for an older Android than the version before")
    TRACKERS = "trackers", _("It brings new trackers")
    UNSCANNED = "unscanned", _("The malware scanner did not answer")


class Sense(models.TextChoices):
    """What an app can reach, as people call it."""

    CAMERA = "camera", _("Take pictures and videos")
    MICROPHONE = "microphone", _("Record sound")
    LOCATION = "location", _("Know where you are")
    CONTACTS = "contacts", _("Read your contacts")
    CALENDAR = "calendar", _("Read your calendar")
    MESSAGES = "messages", _("Read or send your text messages")
    CALLS = "calls", _("See or make telephone calls")
    FILES = "files", _("Read your pictures and files")
    SENSORS = "sensors", _("Measure your body and movements")
    OVERLAY = "overlay", _("Draw over other apps")
    INSTALL = "install", _("Install other apps")
    APPS = "apps", _("See which apps you have")
    NEARBY = "nearby", _("Find devices near you")
    NETWORK = "network", _("Use the internet")
    NOTIFY = "notify", _("Show notifications")
    BACKGROUND = "background", _("Work while you do not look")
    UNLOCK = "unlock", _("Use your fingerprint or face to unlock")


SENSITIVE = frozenset(
    {
        Sense.CAMERA,
        Sense.MICROPHONE,
        Sense.LOCATION,
        Sense.CONTACTS,
        Sense.CALENDAR,
        Sense.MESSAGES,
        Sense.CALLS,
        Sense.FILES,
        Sense.SENSORS,
        Sense.OVERLAY,
        Sense.INSTALL,
        Sense.APPS,
    }
)
"""For these the developer gives a reason."""

ICONS: dict[Sense, str] = {
    Sense.CAMERA: "camera",
    Sense.MICROPHONE: "mic",
    Sense.LOCATION: "map-pin",
    Sense.CONTACTS: "users",
    Sense.CALENDAR: "calendar",
    Sense.MESSAGES: "message-circle",
    Sense.CALLS: "phone",
    Sense.FILES: "image",
    Sense.SENSORS: "heart-pulse",
    Sense.OVERLAY: "layers",
    Sense.INSTALL: "download",
    Sense.APPS: "layout-grid",
    Sense.NEARBY: "bluetooth",
    Sense.NETWORK: "wifi",
    Sense.NOTIFY: "bell",
    Sense.BACKGROUND: "hourglass",
    Sense.UNLOCK: "fingerprint",
}

# The ends of Android's names ("android.permission." stands before them), by what they let an app do.
_NAMES: dict[Sense, str] = {
    Sense.CAMERA: "CAMERA",
    Sense.MICROPHONE: "RECORD_AUDIO FOREGROUND_SERVICE_MICROPHONE",
    Sense.LOCATION: "ACCESS_FINE_LOCATION ACCESS_COARSE_LOCATION ACCESS_BACKGROUND_LOCATION ACCESS_MOCK_LOCATION "
    "ACCESS_MEDIA_LOCATION FOREGROUND_SERVICE_LOCATION",
    Sense.CONTACTS: "READ_CONTACTS WRITE_CONTACTS GET_ACCOUNTS MANAGE_ACCOUNTS",
    Sense.CALENDAR: "READ_CALENDAR WRITE_CALENDAR",
    Sense.MESSAGES: "READ_SMS SEND_SMS RECEIVE_SMS RECEIVE_MMS RECEIVE_WAP_PUSH",
    Sense.CALLS: "CALL_PHONE READ_CALL_LOG WRITE_CALL_LOG READ_PHONE_STATE READ_PHONE_NUMBERS ANSWER_PHONE_CALLS "
    "PROCESS_OUTGOING_CALLS USE_SIP",
    Sense.FILES: "READ_EXTERNAL_STORAGE WRITE_EXTERNAL_STORAGE MANAGE_EXTERNAL_STORAGE READ_MEDIA_IMAGES "
    "READ_MEDIA_VIDEO READ_MEDIA_AUDIO READ_MEDIA_VISUAL_USER_SELECTED",
    Sense.SENSORS: "BODY_SENSORS BODY_SENSORS_BACKGROUND ACTIVITY_RECOGNITION",
    Sense.OVERLAY: "SYSTEM_ALERT_WINDOW BIND_ACCESSIBILITY_SERVICE",
    Sense.INSTALL: "REQUEST_INSTALL_PACKAGES INSTALL_PACKAGES DELETE_PACKAGES",
    Sense.APPS: "QUERY_ALL_PACKAGES PACKAGE_USAGE_STATS GET_TASKS",
    Sense.NEARBY: "BLUETOOTH BLUETOOTH_ADMIN BLUETOOTH_CONNECT BLUETOOTH_SCAN BLUETOOTH_ADVERTISE NFC "
    "NEARBY_WIFI_DEVICES UWB_RANGING",
    Sense.NETWORK: "INTERNET ACCESS_NETWORK_STATE ACCESS_WIFI_STATE CHANGE_NETWORK_STATE CHANGE_WIFI_STATE",
    Sense.NOTIFY: "POST_NOTIFICATIONS VIBRATE USE_FULL_SCREEN_INTENT",
    Sense.BACKGROUND: "WAKE_LOCK RECEIVE_BOOT_COMPLETED FOREGROUND_SERVICE REQUEST_IGNORE_BATTERY_OPTIMIZATIONS "
    "SCHEDULE_EXACT_ALARM USE_EXACT_ALARM FOREGROUND_SERVICE_DATA_SYNC",
    Sense.UNLOCK: "USE_BIOMETRIC USE_FINGERPRINT",
}
_PREFIX = "android.permission."
_SENSES = {f"{_PREFIX}{name}": sense for sense, names in _NAMES.items() for name in names.split()}


def senses_of(permissions: "list[str]") -> list[Sense]:
    """What these permissions let an app do: sensitive things first, each once; names that say nothing to people are
    passed over."""
    found = {sense for name in permissions if (sense := _SENSES.get(name))}
    return sorted(found, key=lambda sense: (sense not in SENSITIVE, list(Sense).index(sense)))


def label_of(sense: Sense) -> str | Promise:
    """What it is called."""
    return sense.label
