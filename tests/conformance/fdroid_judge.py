"""Asks fdroidserver, F-Droid's own client in Python, for a repository. Runs in an environment of its own, without
Meydan: `python fdroid_judge.py ADDRESS_WITH_FINGERPRINT`. Prints what it took as JSON, or why it refused."""

import hashlib
import json
import os
import shutil
import sys
import tempfile
from typing import Any

import requests
from fdroidserver import common, index  # type: ignore[import-not-found]  # not in our environment, on purpose


def main() -> None:
    address = sys.argv[1]
    os.chdir(tempfile.mkdtemp())
    common.config = {"jarsigner": shutil.which("jarsigner")}
    try:
        new, _etag = index.download_repo_index_v2(address)
        old, _etag = index.download_repo_index_v1(address)
    except Exception as error:  # whatever it is, the client has not taken the repository
        print(json.dumps({"refused": f"{type(error).__name__}: {error}"}))
        return
    print(json.dumps({"packages": versions(new), "old": sorted(old["packages"]), "files": files(address, new)}))


def versions(new: dict[str, Any]) -> dict[str, list[int]]:
    """The version codes of each package."""
    return {
        name: [one["manifest"]["versionCode"] for one in package["versions"].values()]
        for name, package in new["packages"].items()
    }


def files(address: str, new: dict[str, Any]) -> dict[str, bool]:
    """Whether each package file is what the index says."""
    found = {}
    for package in new["packages"].values():
        for version in package["versions"].values():
            url = address.partition("?")[0] + version["file"]["name"]
            digest = hashlib.sha256(requests.get(url, timeout=20).content).hexdigest()
            found[version["file"]["name"]] = digest == version["file"]["sha256"]
    return found


if __name__ == "__main__":
    main()
