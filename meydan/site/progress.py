"""What a long start says while it goes: each step's name at once, a dot for each second past the second, its time."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

QUIET_SECONDS = 2.0


class Progress:
    """Steps and their seconds, in order."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stdout
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Tell of the step that runs inside; one step at a time."""
        began, over = time.monotonic(), threading.Event()
        self._write(f"  {name:<10} ")
        ticker = threading.Thread(target=self._tick, args=(over,), daemon=True)
        ticker.start()
        try:
            yield
        except BaseException:
            self._write(" failed\n")
            raise
        finally:
            over.set()
            ticker.join()
        self.seconds[name] = time.monotonic() - began
        self._write(f" {self.seconds[name]:.1f} s\n")

    def split(self) -> str:
        """`database 0.4, web 1.2`: where the time went."""
        return ", ".join(f"{name} {seconds:.1f}" for name, seconds in self.seconds.items())

    def _tick(self, over: threading.Event) -> None:
        pause = QUIET_SECONDS
        while not over.wait(pause):
            self._write(".")
            pause = 1.0

    def _write(self, text: str) -> None:
        self.out.write(text)
        self.out.flush()
