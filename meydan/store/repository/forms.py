"""The two forms of F-Droid's index. Version 2 is for today's clients, version 1 for old ones.

Written after F-Droid's own client (what it requires) and fdroidserver (what it writes). An empty field is left out.
"""

import html
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from meydan.store.repository.apps import App, Description, Picture, Release

VERSION = 20002
DEFAULT = "en-US"

Json = dict[str, Any]


def tag(language: str) -> str:
    """F-Droid's clients fall back to American English: it is their word for "all others"."""
    return language if language not in ("", "en") else DEFAULT


def texts(by_language: Mapping[str, str]) -> dict[str, str]:
    """Texts by F-Droid's tags. "en" wins over ""."""
    ordered = sorted(by_language.items())
    return {tag(language): text for language, text in ordered if text}


def markup(by_language: Mapping[str, str]) -> dict[str, str]:
    """Clients read descriptions as HTML: nothing in a text of ours is a tag."""
    return texts({language: html.escape(text, quote=False) for language, text in by_language.items()})


def milliseconds(moment: datetime) -> int:
    """Since 1970; whole seconds, so that the same moment is always the same number."""
    return int(moment.timestamp()) * 1000


def filled(fields: Json) -> Json:
    """Without what is empty."""
    return {key: value for key, value in fields.items() if value not in (None, "", [], {}, ())}


def icon_path(picture: Picture) -> str:
    return f"icons/{picture.file_name}"


def screenshot_path(app: App, language: str, picture: Picture) -> str:
    return f"{app.application_id}/{tag(language)}/phoneScreenshots/{picture.file_name}"


def _file(path: str, picture: Picture) -> Json:
    return {"name": f"/{path}", "sha256": picture.sha256, "size": picture.size}


def repo_v2(about: Description, timestamp: int) -> Json:
    """The index's own part."""
    return {
        "name": texts(about.names),
        "description": markup(about.descriptions),
        "address": about.address,
        "timestamp": timestamp,
        **filled(
            {
                "icon": {DEFAULT: _file(icon_path(about.icon), about.icon)} if about.icon else None,
                "webBaseUrl": about.site,
                "categories": {category.key: {"name": texts(category.names)} for category in about.categories},
            }
        ),
    }


def package_v2(app: App) -> Json:
    """An application and its versions."""
    return {
        "metadata": _metadata_v2(app),
        "versions": {release.sha256: _version_v2(app, release) for release in app.newest_first},
    }


def _metadata_v2(app: App) -> Json:
    shots = {
        tag(language): [_file(screenshot_path(app, language, one), one) for one in pictures]
        for language, pictures in sorted(app.screenshots.items())
        if pictures
    }
    optional = {
        "name": texts(app.names),
        "summary": texts(app.summaries),
        "description": markup(app.descriptions),
        "categories": list(app.categories),
        "authorName": app.author,
        "authorWebSite": app.author_site,
        "webSite": app.site,
        "sourceCode": app.source_code,
        "issueTracker": app.issue_tracker,
        "license": app.licence,
        "preferredSigner": app.newest_first[0].signer,
        "icon": {DEFAULT: _file(icon_path(app.icon), app.icon)} if app.icon else None,
        "screenshots": {"phone": shots} if shots else None,
    }
    return {"added": milliseconds(app.added), "lastUpdated": milliseconds(app.updated), **filled(optional)}


def _version_v2(app: App, release: Release) -> Json:
    manifest = {
        "versionName": release.version_name,
        "versionCode": release.version_code,
        "usesSdk": {"minSdkVersion": release.min_sdk, "targetSdkVersion": release.target_sdk},
        "signer": {"sha256": [release.signer]},
        **filled(
            {
                "maxSdkVersion": release.max_sdk,
                "nativecode": list(release.native_abis),
                "features": [{"name": name} for name in release.features],
                "usesPermission": [
                    filled({"name": name, "maxSdkVersion": release.permission_limits.get(name)})
                    for name in release.permissions
                ],
            }
        ),
    }
    optional = {
        "whatsNew": texts(release.whats_new),
        "antiFeatures": {key: texts(why) for key, why in sorted(app.anti_features.items())},
    }
    file = {"name": f"/{release.file_name}", "sha256": release.sha256, "size": release.size}
    return {"added": milliseconds(release.added), "file": file, "manifest": manifest, **filled(optional)}


def repo_v1(about: Description, timestamp: int) -> Json:
    """The index's own part, in one language."""
    return {
        "timestamp": timestamp,
        "version": VERSION,
        "name": _any(texts(about.names)),
        "description": _any(markup(about.descriptions)),
        "address": about.address,
        **({"icon": about.icon.file_name} if about.icon else {}),
    }


def _any(by_tag: Mapping[str, str]) -> str:
    return by_tag.get(DEFAULT) or next(iter(by_tag.values()), "")


def app_v1(app: App) -> Json:
    """An application. Without a suggested version old clients would show 2147483647."""
    newest = app.newest_first[0]
    return {
        "packageName": app.application_id,
        "suggestedVersionCode": str(newest.version_code),
        "suggestedVersionName": newest.version_name,
        "added": milliseconds(app.added),
        "lastUpdated": milliseconds(app.updated),
        "categories": list(app.categories),
        "license": app.licence or "Unknown",
        "name": _any(texts(app.names)),
        **filled(
            {
                "summary": _any(texts(app.summaries)),
                "description": _any(markup(app.descriptions)),
                "authorName": app.author,
                "authorWebSite": app.author_site,
                "webSite": app.site,
                "sourceCode": app.source_code,
                "issueTracker": app.issue_tracker,
                "antiFeatures": sorted(app.anti_features),
                "icon": app.icon.file_name if app.icon else None,
                "localized": _localized_v1(app),
            }
        ),
    }


def _localized_v1(app: App) -> Json:
    parts: dict[str, Mapping[str, Any]] = {
        "name": texts(app.names),
        "summary": texts(app.summaries),
        "description": markup(app.descriptions),
        "whatsNew": texts(app.newest_first[0].whats_new),
        "phoneScreenshots": {
            tag(language): [picture.file_name for picture in pictures]
            for language, pictures in app.screenshots.items()
            if pictures
        },
    }
    tags = sorted({one for part in parts.values() for one in part})
    return {one: {name: part[one] for name, part in parts.items() if one in part} for one in tags}


def packages_v1(app: App) -> Sequence[Json]:
    """The versions of an application."""
    return [
        {
            "packageName": app.application_id,
            "apkName": release.file_name,
            "hash": release.sha256,
            "hashType": "sha256",
            "size": release.size,
            "added": milliseconds(release.added),
            "versionCode": release.version_code,
            "versionName": release.version_name,
            "minSdkVersion": release.min_sdk,
            "targetSdkVersion": release.target_sdk,
            "signer": release.signer,
            **filled(
                {
                    "maxSdkVersion": release.max_sdk,
                    "nativecode": list(release.native_abis),
                    "features": list(release.features),
                    "uses-permission": [[name, release.permission_limits.get(name)] for name in release.permissions],
                }
            ),
        }
        for release in app.newest_first
    ]


def merge_patch(old: Any, new: Any) -> Any:
    """What makes `new` of `old`: a JSON merge patch (RFC 7396), as F-Droid's diffs are."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    patch: Json = {key: None for key in old if key not in new}
    for key, value in new.items():
        if key not in old:
            patch[key] = value
        elif value != old[key]:
            patch[key] = merge_patch(old[key], value)
    return patch
