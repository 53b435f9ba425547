"""Every read of the store. The actor comes first, and what they may not see is left out by the query itself."""

from meydan.store.queries.checking import Finding, Level, check_app, faults_in, newest, proposed, words_of
from meydan.store.queries.fdroid import find_by_package, find_package, find_repository_file, full_address
from meydan.store.queries.finding import MOST_FOUND
from meydan.store.queries.labels import category_names, forget_categories, list_categories
from meydan.store.queries.listing import (
    Page,
    Row,
    Wanted,
    list_featured,
    list_own,
    list_public,
    read_rows,
    suggest,
)
from meydan.store.queries.neighbours import as_discussed, review_questions
from meydan.store.queries.one import (
    digest_of,
    find_app,
    find_by_reference,
    find_inside,
    find_live_releases,
    find_live_screenshots,
    find_picture,
    find_release,
    list_releases,
    list_screenshots,
    lock_app,
    lock_by_token,
    lock_reference,
    next_order,
)
from meydan.store.queries.receipts import has_downloaded, mark_of
from meydan.store.queries.team import Happening, list_happenings, list_members, list_tokens

__all__ = [
    "MOST_FOUND",
    "Finding",
    "Happening",
    "Level",
    "Page",
    "Row",
    "Wanted",
    "as_discussed",
    "category_names",
    "check_app",
    "digest_of",
    "faults_in",
    "find_app",
    "find_by_package",
    "find_by_reference",
    "find_inside",
    "find_live_releases",
    "find_live_screenshots",
    "find_package",
    "find_picture",
    "find_release",
    "find_repository_file",
    "forget_categories",
    "full_address",
    "has_downloaded",
    "list_categories",
    "list_featured",
    "list_happenings",
    "list_members",
    "list_own",
    "list_public",
    "list_releases",
    "list_screenshots",
    "list_tokens",
    "lock_app",
    "lock_by_token",
    "lock_reference",
    "mark_of",
    "newest",
    "next_order",
    "proposed",
    "read_rows",
    "review_questions",
    "suggest",
    "words_of",
]
