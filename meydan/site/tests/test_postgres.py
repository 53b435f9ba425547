"""The database of the test run is our own server: what holds here holds in a city."""

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from meydan.kernel.config import config
from meydan.site.postgres import memory_settings


@pytest.mark.django_db
def test_arabic_and_tajik_words_are_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select similarity('شارع الحسن', 'شارع حسن'), upper('ғӣҷ')")
        similar, upper = cursor.fetchone()
    assert similar > 0.5
    assert upper == "ҒӢҶ"


@pytest.mark.django_db
def test_the_application_is_no_superuser() -> None:
    if os.environ.get("MEYDAN_DATABASE_URL"):
        return
    with connection.cursor() as cursor:
        cursor.execute("select rolsuper from pg_roles where rolname = current_user")
        assert cursor.fetchone() == (False,)


def test_secrets_are_ours_alone() -> None:
    secret = config().data / "secrets" / "secret_key"
    assert secret.read_text() == settings.SECRET_KEY
    assert secret.stat().st_mode & 0o777 == 0o600
    assert Path(secret).parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("megabytes", "buffers"), [(512, "128MB"), (4096, "512MB"), (24_000, "2048MB"), (256_000, "2048MB")]
)
def test_the_database_takes_its_share_of_the_memory(megabytes: int, buffers: str) -> None:
    assert memory_settings(megabytes)["shared_buffers"] == buffers
