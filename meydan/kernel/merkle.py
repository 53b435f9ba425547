"""Merkle trees as in RFC 9162, section 2.1 (and RFC 6962): a leaf is hashed behind 0x00, two nodes behind 0x01.

A tree over many leaves is built of blocks: because a block holds a power of two of leaves, its root is a node of the
whole tree, and the whole tree's root is that of its blocks' roots. So neither memory nor a proof needs all leaves.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

HASH_BYTES = 32
BLOCK = 4096
"""Leaves in a block."""


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of one leaf's content."""
    return sha256(b"\x00" + leaf).digest()


def root_of(nodes: Sequence[bytes]) -> bytes:
    """The root over hashes of leaves, or over the roots of blocks, in their order; SHA-256 of nothing for none."""
    level = list(nodes)
    while len(level) > 1:
        level = _next_level(level)
    return level[0] if level else sha256().digest()


def _next_level(level: list[bytes]) -> list[bytes]:
    """Pairs are joined; an odd node at the end moves up as it is."""
    pairs = zip(level[::2], level[1::2], strict=False)
    joined = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return joined + level[-1:] if len(level) % 2 else joined


def path_of(nodes: Sequence[bytes], index: int) -> list[bytes]:
    """The inclusion proof of one node: the hashes beside its way up to the root, from below."""
    level, path = list(nodes), []
    while len(level) > 1:
        if (beside := index ^ 1) < len(level):
            path.append(level[beside])
        level, index = _next_level(level), index // 2
    return path


def is_included(leaf: bytes, index: int, size: int, path: Iterable[bytes], root: bytes) -> bool:
    """Whether `path` leads from the leaf's hash, the `index`th of `size`, to the root (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    here, last, found = index, size - 1, leaf
    for beside in path:
        if last == 0:
            return False
        if here % 2 or here == last:
            found = sha256(b"\x01" + beside + found).digest()
            while here % 2 == 0 and here:
                here, last = here >> 1, last >> 1
        else:
            found = sha256(b"\x01" + found + beside).digest()
        here, last = here >> 1, last >> 1
    return last == 0 and found == root


def split(hashes: bytes) -> list[bytes]:
    """Hashes that stand one behind the other, one by one."""
    return [hashes[start : start + HASH_BYTES] for start in range(0, len(hashes), HASH_BYTES)]
