"""dlib's measure of faces (`face_recognition_model_v1`, a ResNet of 29 layers), reckoned by numpy.

The numbers are read out of dlib's own file, and what comes out is what dlib says, to the sixth digit
(`test_faces.py`). dlib's wheel is built without a BLAS: numpy takes an eighth of its time (docs/decisions/0100).
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy
from numpy.lib.stride_tricks import as_strided

SIDE = 150
"""Pixels of the upright, cut out face that it measures."""
MEAN, SCALE = (122.782, 117.001, 104.298), 256.0
"""Of dlib's `input_rgb_image_sized`."""
BLOCKS = (False, False, False, True, False, False, False, True, False, False, True, False, False, True)
"""The blocks of two layers, in their order: whether one halves the sides of what it is given."""
ALONE = 7
"""So many of them are done for each face by itself."""
FIRST, OTHERS = 7, 3
CONVOLUTION, AFFINE, LAST = b"con_4", b"affine_", b"fc_2"
TENSOR = 2
"""The version of tensors in the file."""


class Net:
    """Convolutions with what scales and moves them already multiplied in, and the last layer's matrix."""

    def __init__(self, file: Path) -> None:
        """Raises `ValueError` for another file."""
        data = file.read_bytes()
        scales, weights = list(_tensors(data, AFFINE)), list(_tensors(data, CONVOLUTION))
        last = list(_tensors(data, LAST, skipped=2))
        if len(last) != 1 or not len(scales) == len(weights) == 1 + 2 * len(BLOCKS):
            raise ValueError(f"{file.name} is another network")
        self.layers, depth, side = list[tuple[Any, Any]](), len(MEAN), FIRST
        for weight, scale in zip(weights, scales, strict=True):
            self.layers.append(_folded(weight, scale, depth, side))
            depth, side = scale.size // 2, OTHERS
        self.last = last[0].reshape(depth, -1)

    def begin(self, face: Any) -> Any:
        """What `finish` goes on from, of one face of SIDE pixels as dlib cuts it out (`get_face_chip`). These layers
        have many windows and few weights: one face's fit a processor's cache, and several at once do not."""
        seen = (numpy.asarray(face, "f4")[None] - numpy.array(MEAN, "f4")) / numpy.float32(SCALE)
        seen = _largest(_convolved(seen, *self.layers[0], side=FIRST, step=2))
        return self._through(_positive(seen), range(ALONE))

    def finish(self, begun: Sequence[Any]) -> list[list[float]]:
        """128 numbers for each. These layers have few windows and many weights, which are read once for all."""
        seen = self._through(numpy.concatenate(begun), range(ALONE, len(BLOCKS)))
        numbers: list[list[float]] = (seen.mean(axis=(1, 2)) @ self.last).tolist()
        return numbers

    def _through(self, seen: Any, blocks: Iterable[int]) -> Any:
        for block in blocks:
            first, second = self.layers[1 + 2 * block : 3 + 2 * block]
            halves = BLOCKS[block]
            new = _convolved(seen, *first, step=2) if halves else _convolved(_bordered(seen), *first)
            new = _convolved(_bordered(new), *second)
            seen = _positive(_added(_halved(seen), new) if halves else numpy.add(seen, new, out=new))
        return seen


def _tensors(data: bytes, name: bytes, *, skipped: int = 0) -> Iterator[Any]:
    """All of the layers of this name, in their order: float32, flat. Names come with their length, as all in the file;
    `skipped` are the whole numbers between a layer's name and its tensor."""
    mark, at = bytes((1, len(name))) + name, 0
    while (at := data.find(mark, at)) >= 0:
        head = Head(data, at + len(mark))
        for _number in range(skipped):
            head.take()
        if head.take() != TENSOR:
            raise ValueError(f"{name.decode()}: a tensor of another version")
        size = head.take() * head.take() * head.take() * head.take()
        yield numpy.frombuffer(data, "<f4", size, head.at)
        at = head.at + 4 * size


class Head:
    """Whole numbers as dlib writes them: a byte that says how many bytes follow, the lowest first."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data, self.at = data, at

    def take(self) -> int:
        """The next one."""
        size = self.data[self.at] & 0x0F
        value = int.from_bytes(self.data[self.at + 1 : self.at + 1 + size], "little")
        self.at += 1 + size
        return value


def _folded(weight: Any, scale: Any, depth: int, side: int) -> tuple[Any, Any]:
    """A layer as a matrix (row, column, depth; out) and what is added, with what dlib does after it."""
    out = scale.size // 2
    times, plus = scale[:out], scale[out:]
    kernels = weight[:-out].reshape(out, depth, side, side) * times[:, None, None, None]
    matrix = numpy.ascontiguousarray(kernels.transpose(2, 3, 1, 0).reshape(-1, out), "f4")
    return matrix, (weight[-out:] * times + plus).astype("f4")


def _convolved(seen: Any, matrix: Any, plus: Any, *, side: int = OTHERS, step: int = 1) -> Any:
    """Faces, rows, columns, depth."""
    count, *lengths, depth = seen.shape
    rows, columns = ((length - side) // step + 1 for length in lengths)
    face, down, across, deep = seen.strides
    windows = as_strided(
        seen,
        (count, rows, columns, side, side * depth),
        (face, down * step, across * step, down, deep),
        writeable=False,
    )
    out = windows.reshape(count * rows * columns, -1) @ matrix
    out += plus
    return out.reshape(count, rows, columns, -1)


def _bordered(seen: Any) -> Any:
    """What is positive of it, in an edge of nothing."""
    count, rows, columns, depth = seen.shape
    whole = numpy.zeros((count, rows + 2, columns + 2, depth), "f4")
    numpy.maximum(seen, 0, out=whole[:, 1:-1, 1:-1])
    return whole


def _positive(seen: Any) -> Any:
    return numpy.maximum(seen, 0, out=seen)


def _largest(seen: Any) -> Any:
    """Of windows of three by three, every second."""
    for axis in (1, 2):
        last = 2 * ((seen.shape[axis] - 3) // 2) + 1
        rows = seen.swapaxes(0, axis)
        seen = numpy.maximum.reduce([rows[first : first + last : 2] for first in range(3)]).swapaxes(0, axis)
    return seen


def _halved(seen: Any) -> Any:
    """The mean of two by two; a row or column that is left over is not there."""
    rows, columns = (length // 2 * 2 for length in seen.shape[1:3])
    corners = [seen[:, down:rows:2, across:columns:2] for down in range(2) for across in range(2)]
    return sum(corners) / numpy.float32(len(corners))


def _added(one: Any, other: Any) -> Any:
    """The sum, as large as the larger in each measure; what one lacks is nothing."""
    whole = numpy.zeros(numpy.maximum(one.shape, other.shape), "f4")
    for part in (one, other):
        _faces, rows, columns, depth = part.shape
        whole[:, :rows, :columns, :depth] += part
    return whole
