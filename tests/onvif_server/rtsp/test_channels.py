from __future__ import annotations

from onvif_server.rtsp.channels import Channels
from onvif_server.rtsp.mount import Mount
from onvif_server.rtsp.session import Session
from vcam.base.clock import ManualClock


def session() -> Session:
    return Session(Mount(), "192.0.2.1", ManualClock())


def test_pairs_are_given_out_once() -> None:
    channels, one = Channels(), session()
    assert channels.free((0, 1)) == (0, 1)
    channels.take((0, 1), one, "trackID=0")
    assert channels.free((1, 2)) is None
    assert channels.free(None) == (2, 3)
    assert (channels.owner(1), channels.owner(2), channels.sessions) == (one, None, {one})


def test_there_is_an_end_to_them() -> None:
    channels, one = Channels(), session()
    for _ in range(128):
        pair = channels.free(None)
        assert pair is not None
        channels.take(pair, one, "trackID=0")
    assert channels.free(None) is None


def test_what_is_set_up_anew_or_has_ended_is_free() -> None:
    channels, one, other = Channels(), session(), session()
    channels.take((0, 1), one, "trackID=0")
    channels.take((2, 3), other, "trackID=0")
    channels.release(one, "trackID=0")
    assert channels.free((0, 1)) == (0, 1)
    assert channels.free((2, 3)) is None
    other.close()
    channels.release(None, "trackID=0")
    assert channels.free((2, 3)) == (2, 3)
