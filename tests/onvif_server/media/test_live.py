"""Changes act on the camera, are kept and are told; what the camera refuses changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from onvif_server import VideoStatus, camera_identity
from onvif_server.media import Media
from onvif_server.media.live import SETTLING
from onvif_server.media.osd import OsdValues
from onvif_server.media.picture import Picture
from onvif_server.media.state import State
from onvif_server.media.tokens import SOURCE_CONFIGURATION
from onvif_server.notice import Notice, Notices
from onvif_server.soap import Fault
from onvif_server.store import Store
from tests.support.camera import StandInCamera
from vcam.base.clock import ManualClock
from vcam.base.errors import EncodeError
from vcam.base.rendition import Overlay, Rendition

STREAMS = (Rendition("main"), Rendition("sub", width=640, fps=15.0))
SMALL = Rendition("main", width=640, height=360, fps=5.0)
IDENTITY = camera_identity(UUID(int=7), "front")


@dataclass
class PickyCamera(StandInCamera):
    """A camera that refuses what it is told to refuse, and counts what it is asked."""

    refuses: str = ""
    asked: int = 0
    unseen: str = ""

    def video(self, stream: str) -> VideoStatus | None:
        return None if stream == self.unseen else super().video(stream)

    async def encode(self, renditions: Sequence[Rendition], overlays: Sequence[Overlay]) -> None:
        self.asked += 1
        if self.refuses and any(each.codec == self.refuses for each in renditions):
            raise EncodeError(f"This machine cannot encode {self.refuses}", mend="Choose another")
        await super().encode(renditions, overlays)


@dataclass
class Scene:
    camera: PickyCamera
    media: Media
    heard: list[Notice]
    path: Path
    clock: ManualClock

    def again(self) -> Scene:
        """The same device after a restart."""
        return _scene(self.path)


def _scene(path: Path) -> Scene:
    camera, notices = PickyCamera(streams=STREAMS), Notices()
    clock = ManualClock(utc=1_767_225_600_000_000, monotonic=1000.0)
    heard: list[Notice] = []
    notices.listen(heard.append)
    return Scene(camera, Media(IDENTITY, camera, Store(path), notices, clock), heard, path, clock)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return _scene(tmp_path / "device.json")


def _small(state: State) -> State:
    return state.encoding("main_h264", "Small", SMALL)


def _h265(state: State) -> State:
    return state.encoding("main_h264", "Better", Rendition("main", codec="h265"))


def _draw(state: State) -> State:
    return state.drawing(OsdValues("UpperLeft", None, "Plain", "Gate"))[0]


async def test_a_change_acts_and_outlives_a_restart(scene: Scene) -> None:
    await scene.media.change(_small)
    await scene.media.change(_draw)
    assert scene.camera.streams == (SMALL, STREAMS[1])
    assert [each.text for each in scene.camera.overlays] == ["Gate"]
    after = scene.again()
    assert after.camera.streams == STREAMS
    await after.media.start()
    assert after.camera.streams == (SMALL, STREAMS[1])
    assert after.camera.overlays == scene.camera.overlays
    assert after.media.state == scene.media.state


async def test_a_camera_of_which_nobody_wants_anything_is_left_alone(scene: Scene) -> None:
    await scene.media.start()
    await scene.media.change(lambda state: state.creating("wall")[0])
    assert scene.camera.asked == 0


async def test_what_the_camera_refuses_changes_nothing(scene: Scene) -> None:
    await scene.media.change(_small)
    scene.heard.clear()
    before, kept = scene.media.state, scene.path.read_bytes()
    scene.camera.refuses = "h265"
    with pytest.raises(Fault, match="cannot encode h265") as caught:
        await scene.media.change(_h265)
    assert caught.value.subcodes == ("InvalidArgVal", "ConfigModify")
    assert scene.media.state == before
    assert scene.path.read_bytes() == kept
    assert scene.camera.streams == (SMALL, STREAMS[1])
    assert scene.heard == []


async def test_what_cannot_be_kept_is_undone(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.path.mkdir()  # where the file should be
    before = scene.media.state
    with pytest.raises(Fault, match="cannot keep") as caught:
        await scene.media.change(_small)
    assert caught.value.code == "Receiver"
    assert str(scene.path.parent) not in caught.value.reason
    assert scene.camera.streams == STREAMS
    assert scene.media.state == before


async def test_what_the_camera_refuses_after_a_restart_is_given_up(scene: Scene) -> None:
    await scene.media.change(_h265)
    after = scene.again()
    after.camera.refuses = "h265"
    await after.media.start()
    assert after.camera.streams == STREAMS
    assert after.media.values("main").encoding == "H264"


async def test_changes_are_told_by_their_topics(scene: Scene) -> None:
    now = scene.clock.utc()
    await scene.media.change(lambda state: state.creating("wall", "wall")[0])
    held = {"VideoSource": SOURCE_CONFIGURATION}
    await scene.media.change(lambda state: state.adding("wall", held))  # type: ignore[arg-type]
    await scene.media.change(lambda state: state.adding("wall", {}, "Wall"))
    await scene.media.change(lambda state: state.deleting("wall"))
    assert scene.heard == [Notice("Media/ProfileChanged", now, {"Token": "wall"})] * 3
    scene.heard.clear()
    await scene.media.change(_small)
    await scene.media.change(lambda state: state.naming_source("All"))
    await scene.media.change(lambda state: state.telling(replace(state.metadata, analytics=False)))
    assert scene.heard == [
        Notice("Media/ConfigurationChanged", now, {"Token": "main_h264", "Type": "VideoEncoder"}),
        Notice("Media/ConfigurationChanged", now, {"Token": "camera_whole", "Type": "VideoSource"}),
        Notice("Media/ConfigurationChanged", now, {"Token": "metadata", "Type": "Metadata"}),
    ]


async def test_those_who_stream_hear_of_changes(scene: Scene) -> None:
    groups: list[Any] = []
    scene.media.on_change(
        lambda: groups.append((scene.media.multicast("sub"), scene.media.metadata_multicast()))
    )
    await scene.media.change(lambda state: state.multicasting("sub", on=True))
    ((address, port, ttl, started), (_, _, _, told)) = groups[0]
    assert address.startswith("239.")
    assert (port % 2, ttl > 0, started, told) == (0, True, True, True)
    assert scene.media.multicast("main")[3] is False


async def test_a_synchronisation_point_is_a_key_picture_and_is_passed_on(scene: Scene) -> None:
    heard: list[str] = []
    scene.media.on_synchronise(heard.append)
    await scene.media.synchronise("sub")
    assert scene.camera.keys == heard == ["sub"]


async def test_the_whole_picture_stays_known_while_it_is_sent_smaller(scene: Scene) -> None:
    assert scene.media.picture() == Picture()
    scene.camera.status = VideoStatus(704, 480, 30.0)
    assert scene.media.picture() == Picture(704, 480, 30.0)
    await scene.media.change(_small)
    scene.camera.status = VideoStatus(640, 360, 5.0)
    scene.clock.advance(SETTLING)
    assert scene.media.picture() == Picture(704, 480, 30.0)
    assert scene.again().media.picture() == Picture(704, 480, 30.0)


async def test_what_is_seen_just_after_a_change_may_be_of_before(scene: Scene) -> None:
    scene.camera.status = VideoStatus(704, 480, 30.0)
    await scene.media.change(_small)
    scene.camera.status = VideoStatus(640, 360, 5.0)
    await scene.media.change(lambda state: state.encoding("main_h264", "Whole", STREAMS[0]))
    assert scene.media.picture() == Picture(704, 480, 30.0)
    scene.camera.status = VideoStatus(1280, 720, 25.0)
    scene.clock.advance(SETTLING)
    assert scene.media.picture() == Picture(1280, 720, 25.0)


async def test_a_stream_that_nobody_has_seen_is_told_like_the_main_one(scene: Scene) -> None:
    scene.camera.unseen = "sub"
    scene.camera.status = VideoStatus(1280, 720, 30.0, 4_000_000, 60, "Main")
    values = scene.media.values("sub")
    assert (values.size, values.fps, values.gop, values.profile) == ((640, 360), 15, 60, "Main")
    # An eighth of the samples a second, to the power 0.75.
    assert values.bit_rate == 840


async def test_an_emptied_store_is_the_first_state_again(scene: Scene) -> None:
    store = Store(scene.path)
    media = Media(IDENTITY, scene.camera, store, Notices(), scene.clock)
    first = media.state
    await media.change(_small)
    await media.change(_draw)
    await media.change(lambda state: state.creating("wall")[0])
    heard: list[State] = []
    media.on_change(lambda: heard.append(media.state))
    store.clear()
    await media.start()
    assert heard == [first]
    assert (scene.camera.streams, scene.camera.overlays) == (STREAMS, ())


async def test_configurations_of_other_services_are_there_once_offered(scene: Scene) -> None:
    with pytest.raises(Fault, match="not implemented") as caught:
        scene.media.known("PTZ", "ptz")
    assert caught.value.subcodes == ("ActionNotSupported", "PTZNotSupported")
    scene.media.offer("PTZ", lambda: {"token": "ptz", "Name": "Head", "NodeToken": "node"})
    scene.media.known("PTZ", "ptz")
    with pytest.raises(Fault, match="no PTZ configuration"):
        scene.media.known("PTZ", "other")
    assert "PTZ" in scene.media.kinds()
