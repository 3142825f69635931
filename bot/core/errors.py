"""The two expected kinds of failure; everything else that is raised is a bug.

A failure of the outside is translated once, in the adapter that met it, into one of these.
"""

from __future__ import annotations


class UserError(Exception):
    """A person has to act: the message says what is wrong, where, and who must act.

    It is shown on the pull request, never sent to Sentry and never retried.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Transient(Exception):  # noqa: N818 - the glossary's word for "retry then"
    """The outside is busy or out of reach; the same call may succeed later.

    `retry_after` is in seconds from now; `None` leaves the pause to the caller's back-off.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after = retry_after
