"""dlib's measure of faces (`face_recognition_model_v1`, a ResNet of 29 layers), reckoned by numpy.

The numbers are read out of dlib's own file, and what comes out is what dlib says, to the sixth digit
(`test_faces.py`). dlib's wheel is built without a BLAS: numpy takes an eighth of its time (docs/decisions/0100).
"""

from collections.abc import Iterator, Sequence
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

    def measure(self, face: Any) -> list[float]:
        """128 numbers, of a face of SIDE pixels as dlib cuts it out (`get_face_chip`)."""
        layers = iter(self.layers)
        seen = (numpy.asarray(face, "f4") - numpy.array(MEAN, "f4")) / numpy.float32(SCALE)
        seen = _largest(_positive(_convolve(seen, *next(layers), side=FIRST, step=2)))
        for halves in BLOCKS:
            step, edge = (2, 0) if halves else (1, 1)
            new = _positive(_convolve(seen, *next(layers), side=OTHERS, step=step, edge=edge))
            new = _convolve(new, *next(layers), side=OTHERS, edge=1)
            seen = _positive(_added(_halved(seen), new) if halves else numpy.add(seen, new, out=new))
        numbers: list[float] = (seen.mean(axis=(0, 1)) @ self.last).tolist()
        return numbers


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


def _convolve(seen: Any, matrix: Any, plus: Any, *, side: int, step: int = 1, edge: int = 0) -> Any:
    """Rows, columns, depth."""
    if edge:
        seen = numpy.pad(seen, ((edge, edge), (edge, edge), (0, 0)))
    rows, columns = ((length - side) // step + 1 for length in seen.shape[:2])
    down, across, deep = seen.strides
    windows = as_strided(
        seen,
        (rows, columns, side, side * seen.shape[2]),
        (down * step, across * step, down, deep),
        writeable=False,
    )
    out = windows.reshape(rows * columns, -1) @ matrix
    out += plus
    return out.reshape(rows, columns, -1)


def _positive(seen: Any) -> Any:
    return numpy.maximum(seen, 0, out=seen)


def _thirds(seen: Any) -> Sequence[Any]:
    """The three of each window of three rows, every second row."""
    count = (len(seen) - 3) // 2 + 1
    return [seen[first : first + 2 * count - 1 : 2] for first in range(3)]


def _largest(seen: Any) -> Any:
    """Of windows of three by three, every second."""
    for _axis in range(2):
        seen = numpy.maximum.reduce(_thirds(seen)).swapaxes(0, 1)
    return seen


def _halved(seen: Any) -> Any:
    """The mean of two by two; a row or column that is left over is not there."""
    rows, columns = (length // 2 * 2 for length in seen.shape[:2])
    parts = seen[:rows, :columns].reshape(rows // 2, 2, columns // 2, 2, -1)
    return parts.mean(axis=(1, 3))


def _added(one: Any, other: Any) -> Any:
    """The sum, as large as the larger in each measure; what one lacks is nothing."""
    whole = numpy.zeros(numpy.maximum(one.shape, other.shape), "f4")
    for part in (one, other):
        rows, columns, depth = part.shape
        whole[:rows, :columns, :depth] += part
    return whole
