"""When there is no point in asking the database."""

from __future__ import annotations


class Circuit:
    """Closed while the database can be reached, and open once it has been away for `patience` seconds.

    From a connect that fails to one that succeeds, there is at most one in `pause` seconds, and that is the probe of an
    open circuit. Times are those of time.monotonic().
    """

    def __init__(self, patience: float, *, pause: float = 1):
        self.patience, self.pause = patience, pause
        self.error: Exception | None = None  # why there is no connection
        self._away_since = 0.0
        self._is_hopeless = False
        self._tried_at = float("-inf")
        self._is_pausing = False

    def tried(self, now: float) -> None:
        """A connect begins."""
        self._tried_at, self._is_pausing = now, True

    def failed(self, since: float, error: Exception, *, hopeless: bool = False) -> None:
        """There has been no connection since then. `hopeless`: waiting does not help, as with a wrong password."""
        if self.error is None:
            self._away_since = since
        self.error, self._is_hopeless, self._is_pausing = error, hopeless, True

    def succeeded(self) -> None:
        self.error, self._is_hopeless, self._is_pausing = None, False, False

    def is_open(self, now: float) -> bool:
        return self.error is not None and (self._is_hopeless or now - self._away_since >= self.patience)

    def may_try(self, now: float) -> bool:
        return not self._is_pausing or now - self._tried_at >= self.pause
