"""Mounts that are sent to their multicast groups without a client having asked by RTSP."""

from __future__ import annotations

from onvif_server.rtsp.group import Groups, Membership
from onvif_server.rtsp.mount import Mount
from vcam.base.errors import ServeError

_ANY = "0.0.0.0"  # noqa: S104 (the interface that the system chooses)


class _Cast:
    """One mount's part in its groups."""

    def __init__(self, mount: Mount) -> None:
        self.mount = mount
        self.members: list[Membership] = []
        self.stopped = False


class Casts:
    """All of one server, by their path."""

    def __init__(self, groups: Groups) -> None:
        self._groups = groups
        self._all: dict[str, _Cast] = {}

    async def start(self, path: str, mount: Mount, local: str | None) -> None:
        """Send `mount` to its groups from now on; nothing happens when it is.

        It goes out by the interface that has the address `local`, or else by the one that the system chooses. Raises
        ServeError when it has no group, or when the group cannot be sent to.
        """
        places = [(track, track.multicast) for track in mount.tracks if track.multicast]
        if not places:
            raise ServeError(f"{path} has no multicast address", mend="Give the stream one first")
        if path in self._all:
            return
        cast = self._all[path] = _Cast(mount)
        mount.join(cast, lambda: self.stop(path))
        try:
            for track, place in places:
                member = await self._groups.join(track, place, local or _ANY, peer="", touch=mount.touch)
                if cast.stopped:
                    member.close()
                    return
                cast.members.append(member)
        except OSError as error:
            self.stop(path)
            raise ServeError(
                f"{path} cannot be sent by multicast ({error.strerror or type(error).__name__})",
                mend="Give this machine a route to multicast addresses, or name the address of an interface",
            ) from error
        for member in cast.members:
            member.begin(member.prepare())

    def stop(self, path: str) -> None:
        """Send it no longer, unless clients have asked; nothing happens when it is not sent."""
        cast = self._all.pop(path, None)
        if cast is None:
            return
        cast.stopped = True
        for member in cast.members:
            member.close()
        cast.mount.leave(cast)

    def report(self) -> None:
        """Send the sender reports that are due."""
        for cast in self._all.values():
            for member in cast.members:
                member.report()

    def close_all(self) -> None:
        """Send none."""
        for path in tuple(self._all):
            self.stop(path)
