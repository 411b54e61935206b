"""The clock of an exercise: wall time, faster or not, without its pauses and with its jumps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class ExerciseClock:
    """How exercise time goes since the last change: at `set_at` (UTC) it stood at `offset` seconds.

    `speed` is exercise seconds in one second; it stands still while `is_running` is false.
    """

    set_at: datetime
    offset: float = 0.0
    speed: float = 1.0
    is_running: bool = True

    def read(self, now: datetime) -> float:
        """Give the seconds of exercise time at a moment; a moment before the last change counts as that change."""
        if not self.is_running:
            return self.offset
        return self.offset + max(0.0, (now - self.set_at).total_seconds()) * self.speed

    def find_moment(self, offset: float) -> datetime:
        """Give when the clock comes to an offset if nothing changes; the last change for one that it has passed."""
        return self.set_at + timedelta(seconds=max(0.0, offset - self.offset) / self.speed)

    def pause(self, now: datetime) -> ExerciseClock:
        """Let it stand still."""
        return ExerciseClock(now, self.read(now), self.speed, is_running=False)

    def resume(self, now: datetime) -> ExerciseClock:
        """Let it go on from where it stood."""
        return replace(self, set_at=now, offset=self.read(now), is_running=True)

    def jump(self, now: datetime, offset: float) -> ExerciseClock:
        """Put it forward; it goes on, or stands still, as it did."""
        return replace(self, set_at=now, offset=offset)
