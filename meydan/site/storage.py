"""Files for browsers: named by their content, compressed once, cached for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise carries no types
    """Also renames what ES modules import. A library that is still being installed keeps its plain name until then."""

    support_js_module_import_aggregation = True

    def stored_name(self, name: str) -> str:
        try:
            return str(super().stored_name(name))
        except ValueError:
            return name
