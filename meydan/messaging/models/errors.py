"""Refusals as the Matrix spec writes them (client-server API, "Standard error response")."""

from typing import Any


class MatrixError(Exception):
    """`errcode` is one of the spec's, `message` says in English what to do; `more` are the error's own fields."""

    def __init__(self, status: int, errcode: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.errcode = errcode
        self.message = message
        self.more = more


def forbidden(message: str) -> MatrixError:
    """403 M_FORBIDDEN."""
    return MatrixError(403, "M_FORBIDDEN", message)


def not_found(message: str) -> MatrixError:
    """404 M_NOT_FOUND."""
    return MatrixError(404, "M_NOT_FOUND", message)


def bad_param(message: str) -> MatrixError:
    """400 M_INVALID_PARAM."""
    return MatrixError(400, "M_INVALID_PARAM", message)
