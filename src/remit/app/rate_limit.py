"""How often may somebody ask? A bucket of tokens per key; pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """What is left at a moment of a monotonic clock, in seconds."""

    left: float
    at: float


def take(bucket: Bucket | None, *, per_minute: float, now: float) -> tuple[Bucket, float]:
    """The bucket after one request and the seconds until it is allowed; 0 where it is now.

    A minute's requests may come at once; after that they come at the rate itself.
    """
    before = bucket or Bucket(left=per_minute, at=now)
    left = min(per_minute, before.left + max(0.0, now - before.at) * per_minute / 60)
    if left >= 1:
        return Bucket(left=left - 1, at=now), 0.0
    return Bucket(left=left, at=now), (1 - left) * 60 / per_minute
