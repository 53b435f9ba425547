"""Files in a bucket that speaks S3, through boto3 (extra `s3`)."""

from collections.abc import Iterator
from datetime import datetime
from typing import IO, BinaryIO, cast

import boto3
from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError

from meydan.kernel.config import Files
from meydan.kernel.errors import NotFound, Unavailable

OPTIONS = ClientConfig(connect_timeout=5, read_timeout=15, retries={"max_attempts": 3, "mode": "standard"})


class S3Store:
    """Keys are `ab/cd/<sha256>`, as on disk."""

    def __init__(self, files: Files) -> None:
        self._bucket = files.bucket
        self._client = boto3.client(
            "s3",
            endpoint_url=files.endpoint or None,
            region_name=files.region or None,
            aws_access_key_id=files.access_key or None,
            aws_secret_access_key=files.secret_key or None,
            config=OPTIONS,
        )

    def put(self, sha256: str, body: bytes) -> None:
        """Keep the bytes. Unavailable when the bucket does not take them."""
        self._put(sha256, body)

    def put_from(self, sha256: str, source: IO[bytes]) -> None:
        """The same for a file, which is sent piece by piece."""
        self._put(sha256, source)

    def _put(self, sha256: str, body: bytes | IO[bytes]) -> None:
        try:
            self._client.put_object(Bucket=self._bucket, Key=_key(sha256), Body=body)
        except (BotoCoreError, ClientError) as error:
            raise Unavailable from error

    def open(self, sha256: str, start: int = 0) -> BinaryIO:
        """The bytes from `start` on, as a stream. NotFound when they are not there, Unavailable when the bucket
        does not answer."""
        part = {"Range": f"bytes={start}-"} if start else {}
        try:
            return cast(BinaryIO, self._client.get_object(Bucket=self._bucket, Key=_key(sha256), **part)["Body"])
        except ClientError as error:
            missing = error.response["Error"]["Code"] in {"NoSuchKey", "404"}
            raise (NotFound if missing else Unavailable) from error
        except BotoCoreError as error:
            raise Unavailable from error

    def delete(self, sha256: str) -> None:
        """Forget the bytes. Unavailable when the bucket does not answer."""
        try:
            self._client.delete_object(Bucket=self._bucket, Key=_key(sha256))
        except (BotoCoreError, ClientError) as error:
            raise Unavailable from error

    def walk(self, before: datetime) -> Iterator[str]:
        """The keys of what was kept before this moment, a page at a time."""
        try:
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket):
                for one in page.get("Contents", ()):
                    if one["LastModified"] < before:
                        yield str(one["Key"]).rpartition("/")[2]
        except (BotoCoreError, ClientError) as error:
            raise Unavailable from error


def _key(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"
