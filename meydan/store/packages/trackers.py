"""Code that is known to report on people to others: by the packages under which its makers publish it.

The names are facts that the makers document for developers. What hides its names is not found by them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Purpose(StrEnum):
    """What it is built into apps for."""

    USE = "use"  # measures how the app is used
    ADS = "ads"  # shows advertising and reports on it
    CAMPAIGN = "campaign"  # tells which advertisement has brought somebody
    FAULTS = "faults"  # reports when the app fails
    PROFILE = "profile"  # keeps a profile, to write to people by it
    SCREEN = "screen"  # records what is done on the screen
    PLACE = "place"  # passes on where somebody is
    SOCIAL = "social"  # tells a social network


@dataclass(frozen=True, slots=True)
class Tracker:
    """One product; `packages` as in class names ("com/example/sdk"), with all that is below them."""

    code: str
    name: str
    purpose: Purpose
    packages: tuple[str, ...]


def _listed(purpose: Purpose, lines: str) -> Iterable[Tracker]:
    """One a line: code, name, packages."""
    for line in lines.strip().splitlines():
        code, name, packages = (part.strip() for part in line.split("|"))
        yield Tracker(code, name, purpose, tuple(packages.split()))


_ALL = (
    *_listed(
        Purpose.USE,
        """
        google_analytics   | Google Analytics         | com/google/android/gms/analytics com/google/analytics
        firebase_analytics | Google Firebase Analytics| com/google/firebase/analytics com/google/android/gms/measurement
        google_tags        | Google Tag Manager       | com/google/android/gms/tagmanager com/google/tagmanager
        mixpanel           | Mixpanel                 | com/mixpanel/android
        amplitude          | Amplitude                | com/amplitude
        segment            | Segment                  | com/segment/analytics
        flurry             | Flurry                   | com/flurry
        heap               | Heap                     | com/heapanalytics
        countly            | Countly                  | ly/count/android
        matomo             | Matomo                   | org/matomo/sdk org/piwik/sdk
        appmetrica         | Yandex AppMetrica        | com/yandex/metrica io/appmetrica/analytics
        mytracker          | MyTracker                | com/my/tracker
        umeng              | Umeng                    | com/umeng
        sensors_data       | Sensors Data             | com/sensorsdata/analytics
        baidu_stat         | Baidu Mobile Statistics  | com/baidu/mobstat
        tencent_beacon     | Tencent Beacon           | com/tencent/beacon com/tencent/stat
        huawei_analytics   | Huawei Analytics         | com/huawei/hms/analytics
        comscore           | Comscore                 | com/comscore
        metrix             | Metrix                   | ir/metrix
        """,
    ),
    *_listed(
        Purpose.ADS,
        """
        admob       | Google AdMob      | com/google/android/gms/ads com/google/ads
        facebook_ads| Meta Audience     | com/facebook/ads
        applovin    | AppLovin          | com/applovin
        unity_ads   | Unity Ads         | com/unity3d/ads com/unity3d/services/ads
        ironsource  | ironSource        | com/ironsource
        vungle      | Vungle            | com/vungle
        chartboost  | Chartboost        | com/chartboost/sdk
        inmobi      | InMobi            | com/inmobi
        mopub       | MoPub             | com/mopub
        pangle      | Pangle            | com/bytedance/sdk/openadsdk
        mintegral   | Mintegral         | com/mbridge/msdk com/mintegral/msdk
        startapp    | Start.io          | com/startapp
        criteo      | Criteo            | com/criteo
        adcolony    | AdColony          | com/adcolony
        tapjoy      | Tapjoy            | com/tapjoy
        fyber       | Fyber             | com/fyber
        yandex_ads  | Yandex Ads        | com/yandex/mobile/ads
        huawei_ads  | Huawei Ads        | com/huawei/hms/ads
        snap_ads    | Snap Ad Kit       | com/snap/adkit
        tapsell     | Tapsell           | ir/tapsell
        """,
    ),
    *_listed(
        Purpose.CAMPAIGN,
        """
        adjust    | Adjust    | com/adjust/sdk
        appsflyer | AppsFlyer | com/appsflyer
        branch    | Branch    | io/branch
        kochava   | Kochava   | com/kochava
        singular  | Singular  | com/singular/sdk
        tenjin    | Tenjin    | com/tenjin
        adtrace   | AdTrace   | io/adtrace/sdk
        """,
    ),
    *_listed(
        Purpose.FAULTS,
        """
        crashlytics | Google Crashlytics | com/google/firebase/crashlytics com/crashlytics io/fabric
        sentry      | Sentry             | io/sentry
        bugsnag     | BugSnag            | com/bugsnag
        bugly       | Tencent Bugly      | com/tencent/bugly
        instabug    | Instabug           | com/instabug
        new_relic   | New Relic          | com/newrelic
        datadog     | Datadog            | com/datadog/android
        app_center  | Visual Studio App Center | com/microsoft/appcenter
        """,
    ),
    *_listed(
        Purpose.PROFILE,
        """
        onesignal | OneSignal | com/onesignal
        braze     | Braze     | com/braze com/appboy
        clevertap | CleverTap | com/clevertap
        moengage  | MoEngage  | com/moengage
        airship   | Airship   | com/urbanairship
        webengage | WebEngage | com/webengage
        leanplum  | Leanplum  | com/leanplum
        pushe     | Pushe     | co/pushe
        """,
    ),
    *_listed(
        Purpose.SCREEN,
        """
        clarity   | Microsoft Clarity | com/microsoft/clarity
        smartlook | Smartlook         | com/smartlook
        uxcam     | UXCam             | com/uxcam
        fullstory | FullStory         | com/fullstory
        """,
    ),
    *_listed(
        Purpose.PLACE,
        """
        foursquare | Foursquare | com/foursquare/pilgrim com/foursquare/movement
        radar      | Radar      | io/radar/sdk
        huq        | Huq        | io/huq
        cuebiq     | Cuebiq     | com/cuebiq
        """,
    ),
    *_listed(
        Purpose.SOCIAL,
        """
        facebook_events | Facebook App Events | com/facebook/appevents
        facebook_login  | Facebook Login      | com/facebook/login
        tiktok_events   | TikTok Events       | com/tiktok/appevents
        """,
    ),
)
TRACKERS: Mapping[str, Tracker] = {one.code: one for one in _ALL}
_BY_PACKAGE = {package: one.code for one in _ALL for package in one.packages}
_DEPTHS = range(2, 1 + max(package.count("/") + 1 for package in _BY_PACKAGE))


def find_trackers(packages: Iterable[str]) -> set[str]:
    """The codes of the trackers whose code these packages are."""
    return {code for package in packages if (code := _code_of(package.split("/")))}


def _code_of(parts: list[str]) -> str | None:
    names = ("/".join(parts[:depth]) for depth in _DEPTHS if depth <= len(parts))
    return next((_BY_PACKAGE[name] for name in names if name in _BY_PACKAGE), None)
