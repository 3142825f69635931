from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.message import backport_message

SHA = b"c4eaa67e2b880db778c9fe6d9854fbdfcc16ecd2"
TRAILER = b"Backport of " + SHA + b" from main."


def test_prefix_and_trailer_frame_the_message() -> None:
    """The prefix goes before the subject, the trailer is a paragraph of its own at the end."""
    made = backport_message(
        b"Fixed #34063 -- Fixed it.\n\nCo-authored-by: A <a@b.test>\n",
        prefix=b"[4.1.x] ",
        trailer=TRAILER,
    )
    assert made == (
        b"[4.1.x] Fixed #34063 -- Fixed it.\n\nCo-authored-by: A <a@b.test>\n\n" + TRAILER + b"\n"
    )


@pytest.mark.parametrize(
    "subject",
    [b"[4.2.x] Fixed it.", b"[4.2.x] [5.0.x] Fixed it.", b"[3.12] Fixed it.", b"[4.1.x] Fixed it."],
)
def test_a_backport_of_a_backport_has_one_prefix(subject: bytes) -> None:
    """The prefix of another series is replaced, and our own is not said twice."""
    assert backport_message(subject, prefix=b"[4.1.x] ", trailer=b"") == b"[4.1.x] Fixed it.\n"


@pytest.mark.parametrize("tag", [b"[CVE-2022-1] Fixed it.", b"[2] Fixed it.", b"[soc2009] Did."])
def test_other_brackets_are_part_of_the_subject(tag: bytes) -> None:
    """What does not look like a series stays."""
    assert backport_message(tag, prefix=b"[4.1.x] ", trailer=b"") == b"[4.1.x] " + tag + b"\n"


def test_without_a_prefix_the_subject_stays() -> None:
    """A project that uses no prefix keeps what its people wrote."""
    assert backport_message(b"[4.2.x] Did.\n", prefix=b"", trailer=b"T") == b"[4.2.x] Did.\n\nT\n"


def test_the_trailer_of_an_earlier_backport_stays() -> None:
    """The way that a fix came is told link by link."""
    made = backport_message(
        b"Did.\n\nBackport of 1234567 from main.\n\n\n", prefix=b"", trailer=TRAILER
    )
    assert made == b"Did.\n\nBackport of 1234567 from main.\n\n" + TRAILER + b"\n"


def test_bytes_that_are_no_utf8_survive() -> None:
    """A Latin-1 message keeps its bytes."""
    made = backport_message(b"Caf\xe9\r\n\r\nna\xefve\r\n", prefix=b"[4.1.x] ", trailer=TRAILER)
    assert made == b"[4.1.x] Caf\xe9\r\n\r\nna\xefve\n\n" + TRAILER + b"\n"


@given(st.binary(), st.sampled_from([b"", b"[4.1.x] "]), st.sampled_from([b"", TRAILER]))
def test_twice_is_once(original: bytes, prefix: bytes, trailer: bytes) -> None:
    """A message that has its prefix and trailer already is left alone."""
    once = backport_message(b"Did" + original, prefix=prefix, trailer=trailer)
    assert backport_message(once, prefix=prefix, trailer=trailer) == once
