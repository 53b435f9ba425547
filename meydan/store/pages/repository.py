"""The F-Droid repository: its files for clients, and the page that tells people how to add it."""

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.http import http_date

from meydan.kernel.files_http import send_file
from meydan.kernel.http import actor_of, page, render
from meydan.store import actions
from meydan.store.queries import find_by_package, find_package, find_repository_file, full_address
from meydan.ui.codes import qr_code
from meydan.ui.templating import url

TYPES = {".jar": "application/java-archive", ".json": "application/json", ".png": "image/png", ".jpg": "image/jpeg"}
CHANGING = ("entry.jar", "entry.json", "index-v1.jar", "index-v2.json")


@page("GET")
def show(request: HttpRequest) -> HttpResponse:
    """How to add the repository to a phone: an address, and a code for its camera."""
    address = full_address()
    scheme = address.replace("https://", "fdroidrepos://").replace("http://", "fdroidrepo://")
    context = {"address": address, "scheme": scheme, "code": qr_code(address) if address else ""}
    return render(request, "store/repository.html", context)


@page("GET")
def serve(request: HttpRequest, path: str) -> HttpResponseBase:
    """A file of the repository, or a version's package."""
    found = find_package(path)
    if found is not None:
        app, release = found
        if request.method == "GET" and not request.headers.get("Range"):
            actions.count_use(actor_of(request), app)
        return send_file(request, release.file_id, size=release.size, media_type=actions.MEDIA_TYPE, name=path)
    file = find_repository_file(path)
    told = file.stat()
    tag = f'"{told.st_mtime_ns:x}-{told.st_size:x}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    response = FileResponse(file.open("rb"), content_type=TYPES.get(file.suffix, "application/octet-stream"))
    response["ETag"] = tag
    response["Last-Modified"] = http_date(told.st_mtime)
    lasts = "no-cache" if path in CHANGING else "max-age=31536000, immutable"
    response["Cache-Control"] = f"public, {lasts}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@page("GET")
def by_package(request: HttpRequest, package: str) -> HttpResponse:
    """From an app's name for Android to its entry: F-Droid clients link here."""
    return HttpResponseRedirect(url("store:show", slug=find_by_package(package).slug))
