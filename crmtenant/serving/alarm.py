"""An alarm that costs its owner a microsecond and wakes another thread only when it goes off.

It is Linux's timerfd, which Python has from 3.13 on (`os.timerfd_create`).
"""

from __future__ import annotations

import ctypes
import os
import time

_CLOSE_ON_EXEC = os.O_CLOEXEC
_NANOSECONDS = 1_000_000_000


class _Time(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Setting(ctypes.Structure):
    _fields_ = (("interval", _Time), ("value", _Time))


class Alarm:
    """Goes off once, so many seconds after it was set, unless it is set again or cancelled before."""

    def __init__(self, seconds: float) -> None:
        # The calls are shorter than giving up the interpreter for them would be.
        self._libc = ctypes.PyDLL(None, use_errno=True)
        self._descriptor = self._checked(self._libc.timerfd_create(time.CLOCK_MONOTONIC, _CLOSE_ON_EXEC))
        self._soon = _in(seconds)
        self._now = _in(1 / _NANOSECONDS)
        self._never = _in(0)

    def set(self) -> None:
        """Start the time anew."""
        self._libc.timerfd_settime(self._descriptor, 0, self._soon, None)

    def cancel(self) -> None:
        """Stop the time."""
        self._libc.timerfd_settime(self._descriptor, 0, self._never, None)

    def ring(self) -> None:
        """Go off now."""
        self._libc.timerfd_settime(self._descriptor, 0, self._now, None)

    def wait(self) -> None:
        """Return when it goes off."""
        os.read(self._descriptor, 8)

    def close(self) -> None:
        """Release the descriptor; nobody may wait any more."""
        os.close(self._descriptor)

    @staticmethod
    def _checked(result: int) -> int:
        if result < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return result


def _in(seconds: float) -> object:
    whole, rest = divmod(round(seconds * _NANOSECONDS), _NANOSECONDS)
    return ctypes.byref(_Setting(_Time(0, 0), _Time(whole, rest)))
