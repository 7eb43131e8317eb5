"""A file is a recording by its bytes, whatever its name, and its length is read where its headers have it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.recordings import check_length, check_size, recording_of
from bot.tasks.errors import UserError
from tests.support import recordings
from tests.support.pictures import png

KINDS = {
    "wav": (recordings.wav, "voice.wav", "audio/wav"),
    "opus": (recordings.opus, "voice.ogg", "audio/ogg"),
    "vorbis": (recordings.vorbis, "voice.ogg", "audio/ogg"),
    "flac": (recordings.flac, "voice.flac", "audio/flac"),
    "mp3": (recordings.mp3, "voice.mp3", "audio/mpeg"),
    "mp3_variable": (recordings.mp3_variable, "voice.mp3", "audio/mpeg"),
    "m4a": (recordings.m4a, "voice.m4a", "audio/mp4"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seconds", [0.5, 3, 121, 4_000])
def test_kind_name_and_length_come_from_the_bytes(kind: str, seconds: float) -> None:
    make, name, media_type = KINDS[kind]
    found = recording_of(make(min(seconds, 200)))
    assert found
    assert (found.name, found.media_type) == (name, media_type)
    assert found.seconds == pytest.approx(min(seconds, 200), rel=0.02, abs=0.05)


def test_a_kind_without_a_length_in_its_header_is_a_recording_all_the_same() -> None:
    found = recording_of(recordings.webm())
    assert found
    assert (found.name, found.seconds) == ("voice.webm", None)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"words",
        png("a.png").data,
        "text".encode("utf-16"),
        b"%PDF-1.7",
        b"\xff\xf1\x50\x80" + bytes(50),
        b"\xff" * 90,
    ],
    ids=["empty", "text", "image", "utf16", "pdf", "aac", "ones"],
)
def test_other_files_are_no_recordings(data: bytes) -> None:
    assert recording_of(data) is None


@given(st.sampled_from(sorted(KINDS)), st.integers(0, 400), st.binary(max_size=60))
def test_a_damaged_file_is_read_without_an_error(kind: str, cut: int, tail: bytes) -> None:
    found = recording_of(KINDS[kind][0](3)[:cut] + tail)
    assert found is None or found.seconds is None or found.seconds >= 0


def test_the_limits_are_checked_before_anything_is_sent() -> None:
    check_length(None, 120, "a.ogg")
    check_length(119.9, 120, "a.ogg")
    for seconds in (121.0, 4_000.0):
        with pytest.raises(UserError, match="recording_too_long"):
            check_length(seconds, 120, "a.ogg")
    check_size(25 * 1024 * 1024, "a.ogg")
    with pytest.raises(UserError, match="recording_too_large"):
        check_size(25 * 1024 * 1024 + 1, "a.ogg")
