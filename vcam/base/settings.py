"""The settings of one site: one model, read from one TOML file. `config.example.toml` is made from it."""

from __future__ import annotations

import os
import re
import zoneinfo
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, field_validator, model_validator

from vcam.base.conflicts import conflicts
from vcam.base.doors import HTTPS, ONVIF, RTSP, RTSPS, Place, own_address, places
from vcam.base.errors import ConfigError
from vcam.base.ids import SLUG
from vcam.base.presets import Preset, own
from vcam.base.settings_custody import CustodySettings
from vcam.base.settings_requests import ConsoleSettings, RequestSettings
from vcam.base.settings_section import Section
from vcam.base.toml_lines import dotted

MaskKind = Literal["face", "head", "plate", "plate_band", "person", "vehicle", "motion", "screen", "text"]
ModelKind = Literal["face", "plate", "person", "vehicle"]
Device = Literal["auto", "cpu", "gpu"]


def _age_recipient(value: str) -> str:
    if not value.startswith("age1"):
        raise ValueError("an age recipient starts with 'age1'; make one with 'garim keys new'")
    return value


def _time_zone(value: str) -> str:
    if value != "local":
        try:
            zoneinfo.ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError(
                "is no time zone known here; write 'local' or a name like 'Asia/Seoul', or install tzdata"
            ) from None
    return value


TimeZone = Annotated[str, AfterValidator(_time_zone)]


class Secret(Section):
    """Where a secret is kept. It is never written into this file, and never given on the command line."""

    file: Path | None = None
    """File whose first line is the secret."""
    env: str | None = None
    """Environment variable that holds the secret."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.file is None) == (self.env is None):
            raise ValueError("give either 'file' or 'env'")
        return self

    def read(self, what: str) -> str:
        """The secret itself. Raises ConfigError, naming `what` it is for and where it was sought."""
        if self.file is None:
            value = os.environ.get(self.env or "", "")
            where = f"environment variable {self.env}"
        else:
            where = f"file {self.file}"
            try:
                value = self.file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
            except (OSError, UnicodeDecodeError) as error:
                raise ConfigError(
                    f"{what}: {where} cannot be read ({type(error).__name__})",
                    mend="Write the secret into that file, readable by Garim's user only",
                ) from None
        if not value:
            raise ConfigError(f"{what}: {where} is empty", mend="Put the secret there")
        return value


class SiteSettings(Section):
    """The site as a whole."""

    name: str = Field(default="Garim", min_length=1, max_length=64)
    """Name of the institution or place, shown to NVRs in the scopes."""
    state: Path = Path("state")
    """Folder for what must outlive restarts: the identity of the virtual devices, the index."""
    log: Literal["debug", "info", "warning", "error"] = "info"
    """Least level that is logged."""
    log_format: Literal["console", "json"] = "console"
    """How log lines look: for people, or one JSON object a line."""
    device: Device = "auto"
    """What networks run on: an accelerator if one is there and agrees with the processor, or only the processor.
    With "gpu" it is worth a warning that none is there."""
    timezone: TimeZone = "local"
    """Time zone of the hours in rules: an IANA name such as Asia/Seoul, or "local" for that of this machine."""


class SourceSettings(Section):
    """The physical camera."""

    url: str
    """rtsp://HOST/PATH, rtsps://HOST/PATH, onvif://HOST[:PORT], file:PATH or v4l2:/dev/videoN."""
    user: str | None = None
    """User name at the camera."""
    password: Secret | None = None
    """Where the camera's password is kept, as { file = "PATH" } or { env = "NAME" }."""
    transport: Literal["tcp", "udp"] = "tcp"
    """How RTP travels from the camera. TCP loses nothing."""
    timeout: float = Field(default=5.0, ge=0.5, le=60)
    """Seconds of silence after which the camera counts as lost."""
    reconnect_max: float = Field(default=30.0, ge=1, le=600)
    """Longest wait in seconds between attempts to connect; the wait doubles from 0.5 s."""
    rotate: Literal[0, 90, 180, 270] = 0
    """Degrees clockwise by which the picture must be turned to stand upright."""
    loop: bool = True
    """For file:PATH, start again at the end."""
    verify_tls: bool = True
    """For rtsps and onvif over TLS, demand a valid certificate."""
    record_audio_despite_pipa_25_5: bool = False
    """Keep the camera's sound in the recording. Article 25(5) of Korea's PIPA forbids it in public places."""

    @field_validator("url")
    @classmethod
    def _scheme(cls, value: str) -> str:
        scheme = value.partition(":")[0].lower()
        if scheme not in {"rtsp", "rtsps", "onvif", "file", "v4l2"}:
            raise ValueError("must start with rtsp://, rtsps://, onvif://, file: or v4l2:")
        if scheme in {"rtsp", "rtsps", "onvif"}:
            parts = urlsplit(value)
            if not parts.hostname:
                raise ValueError("names no host")
            if parts.username is not None or parts.password is not None:
                raise ValueError("holds credentials; use 'user' and 'password' instead")
            _ = parts.port  # raises ValueError when out of range
        elif not value.partition(":")[2]:
            raise ValueError("names no path")
        return value


class Zone(Section):
    """A polygon in the picture."""

    name: str
    """What the zone is."""
    points: list[tuple[Annotated[float, Field(ge=0, le=1)], Annotated[float, Field(ge=0, le=1)]]] = Field(
        min_length=3
    )
    """Corners as fractions of the picture's width and height."""


_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))")


class Rule(Section):
    """What is masked otherwise at certain hours. Where several rules meet, all that any of them masks is masked."""

    name: str
    """What the rule is for."""
    hours: str
    """From when to when, as "22:00-06:00"; past midnight where the end comes before the beginning."""
    days: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]] = Field(
        default=["mon", "tue", "wed", "thu", "fri", "sat", "sun"], min_length=1
    )
    """Days on which the hours begin."""
    kinds: list[MaskKind] | None = Field(default=None, min_length=1)
    """What is masked then, in place of the camera's kinds; by default the camera's kinds."""
    always: list[Zone] = []
    """Zones that are always masked then, besides the camera's."""
    never: list[Zone] = []
    """Zones that are never masked then, besides the camera's."""

    @field_validator("hours")
    @classmethod
    def _two_times(cls, value: str) -> str:
        found = _HOURS.fullmatch(value)
        if found is None or found[0][:5] == found[0][6:]:
            raise ValueError('must be two different times of day; write them as "22:00-06:00"')
        return value

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.kinds is None and not self.always and not self.never:
            raise ValueError("changes nothing; give it 'kinds', 'always' or 'never', or remove it")
        return self

    @property
    def span(self) -> tuple[int, int]:
        """Beginning and end in minutes since midnight."""
        return _minutes(self.hours[:5]), _minutes(self.hours[6:])


def _minutes(time: str) -> int:
    return int(time[:2]) * 60 + int(time[3:])


class MaskSettings(Section):
    """What is masked, and how."""

    preset: Preset = "default"
    """The kind of scene, which sets analysis sizes, rates and thresholds, and the defaults of 'kinds' and 'delay'."""
    kinds: list[MaskKind] = Field(default_factory=lambda said: list(own(said).kinds), min_length=1)
    """What is sought and masked. The presets night and overhead add "motion" to the default."""
    style: Literal["mosaic", "blur", "solid"] = "mosaic"
    """How a region is covered."""
    shape: Literal["box", "ellipse"] = "box"
    """Outline of a masked face or head. A box costs least and is hard-edged; an ellipse fades out around it."""
    delay: float = Field(default_factory=lambda said: own(said).delay, ge=0, le=2)
    """Seconds that a picture is held back, so that a face is covered before it is first detected. 0 leaks most."""
    timezone: TimeZone | None = None
    """Time zone of this camera's rules and of the time written over its pictures; by default site.timezone."""
    always: list[Zone] = []
    """Zones that are always masked."""
    models: list[str] = []
    """Names of imported detectors that look too, beside those that come with Garim; see 'garim models import'."""
    never: list[Zone] = []
    """Zones in which nothing is masked that was never seen to reach out of them, such as posters and screens."""
    rule: list[Rule] = []
    """What is masked otherwise at certain hours. Where several rules meet, all that any of them masks is masked."""

    @field_validator("kinds")
    @classmethod
    def _some(cls, value: list[MaskKind]) -> list[MaskKind]:
        if len(set(value)) != len(value):
            raise ValueError("names a kind twice")
        return value

    @field_validator("models")
    @classmethod
    def _distinct(cls, value: list[str]) -> list[str]:
        if len(set(value)) != len(value):
            raise ValueError("names a model twice")
        return value

    def at_any_hour(self) -> MaskSettings:
        """These settings without rules, masking all that they mask at any hour."""
        every = [*self.kinds, *(kind for rule in self.rule for kind in rule.kinds or ())]
        always = [*self.always, *(zone for rule in self.rule for zone in rule.always)]
        return self.model_copy(update={"kinds": list(dict.fromkeys(every)), "always": always, "rule": []})


class EncodeSettings(Section):
    """The masked stream."""

    bit_rate: int = Field(default=4_000_000, ge=64_000, le=100_000_000)
    """Bits a second at 1920x1080 and 25 pictures a second; smaller or slower pictures get their share."""
    gop: float = Field(default=2.0, ge=0.2, le=10)
    """Seconds between IDR pictures."""
    preset: Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium"] = "ultrafast"
    """x264's preset."""


class CameraSettings(Section):
    """One camera and the virtual device that stands in for it."""

    name: str
    """Lower-case letters, digits and hyphens. Never change it: the device's identity is made from it."""
    title: str = ""
    """Name that NVRs show; the same as `name` when empty."""
    purpose: str = Field(default="", max_length=200)
    """What the camera is there for, for the notice board and the operating policy (PIPA 25(4), Decree 25(1))."""
    place: str = Field(default="", max_length=200)
    """Where it is, for the same."""
    coverage: str = Field(default="", max_length=200)
    """What it shows and at what hours, for the same."""
    source: SourceSettings
    """The physical camera."""
    mask: MaskSettings = MaskSettings()
    """What is masked, and how."""
    encode: EncodeSettings = EncodeSettings()
    """The masked stream."""
    address: Annotated[str, AfterValidator(own_address)] | None = None
    """IPv4 address of this camera alone, for NVRs that take one camera for each address. The host must have it:
    'garim network plan' tells how. By default all cameras share the host's addresses, each with ports of its own."""
    onvif_port: int | None = Field(default=None, ge=1, le=65535)
    """Port of this camera's ONVIF services; by default 80 at its own address, else counted from onvif.port."""
    rtsp_port: int | None = Field(default=None, ge=1, le=65535)
    """Port of this camera's RTSP server; by default 554 at its own address, else counted from onvif.rtsp_port."""
    retention_days: float | None = Field(default=None, gt=0, le=3650)
    """Days that this camera's segments are kept; by default recorder.retention_days."""
    masked_retention_days: float | None = Field(default=None, gt=0, le=3650)
    """Days that its masked copies are kept; by default recorder.masked_retention_days, else as the originals."""
    https_port: int | None = Field(default=None, ge=1, le=65535)
    """Its ONVIF port over TLS; by default 443 at its own address, else counted from onvif.tls.https_port."""
    rtsps_port: int | None = Field(default=None, ge=1, le=65535)
    """Its RTSP port over TLS; by default 322 at its own address, else counted from onvif.tls.rtsps_port."""

    @field_validator("name")
    @classmethod
    def _slug(cls, value: str) -> str:
        if not SLUG.fullmatch(value):
            raise ValueError("must be lower-case letters, digits and hyphens, at most 40")
        return value


class TlsSettings(Section):
    """HTTPS and RTSPS (TLS 1.2 and later) beside the plain ports."""

    enabled: bool = False
    """Listen on the TLS ports too. The plain ports stay: many NVRs know no others."""
    certificate: Path | None = None
    """PEM file of the certificate and of those that vouch for it. By default Garim signs one for each camera itself,
    keeps it in site.state, and renews it before it expires."""
    key: Path | None = None
    """PEM file of the certificate's private key, without a passphrase."""
    https_port: int = Field(default=HTTPS.first, ge=0, le=65535)
    """ONVIF port over TLS of the first camera, the next has the next; 0 chooses free ports."""
    rtsps_port: int = Field(default=RTSPS.first, ge=0, le=65535)
    """RTSP port over TLS of the first camera, the next has the next; 0 chooses free ports."""

    @model_validator(mode="after")
    def _pair(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("give both 'certificate' and 'key', or neither")
        return self


class OnvifSettings(Section):
    """What NVRs talk to."""

    bind: str = "0.0.0.0"  # noqa: S104 - NVRs reach it from the network; it hands out masked pictures only
    """Address to listen on."""
    host: str | None = None
    """Address or name written into URLs; by default the one the client used."""
    port: int = Field(default=ONVIF.first, ge=0, le=65535)
    """ONVIF port of the first camera, the next has the next; 0 chooses free ports."""
    rtsp_port: int = Field(default=RTSP.first, ge=0, le=65535)
    """RTSP port of the first camera, the next has the next; 0 chooses free ports."""
    user: str = Field(default="garim", min_length=1, max_length=32)
    """User name that NVRs give."""
    password: Secret = Secret(file=Path("onvif.password"))
    """Where the password that NVRs give is kept. There is no default password."""
    discovery: bool = True
    """Answer WS-Discovery on UDP 3702."""
    discovery_interface: str | None = None
    """Address of the interface for WS-Discovery; by default all."""
    max_clients: int = Field(default=64, ge=1, le=1024)
    """RTSP clients a camera at the most."""
    tls: TlsSettings = TlsSettings()
    """HTTPS and RTSPS (TLS 1.2 and later) beside the plain ports."""


GUIDELINE_DAYS = 30
"""Days that PIPA's guidelines let footage be kept without a reason of the operating policy's own."""


class RecorderSettings(Section):
    """What is kept."""

    enabled: bool = True
    """Record at all."""
    folder: Path = Path("media")
    """Folder for segments."""
    recipients: list[Annotated[str, AfterValidator(_age_recipient)]] = []
    """Public keys (age1...), each of which opens originals alone, for sites without custodians. Their private halves
    must not be on this machine."""
    keep_original: bool = True
    """Keep the camera's original, encrypted."""
    keep_masked: bool = True
    """Keep the masked copy."""
    segment: float = Field(default=60, ge=2, le=600)
    """Seconds of a segment; it ends at the next IDR."""
    retention_days: float = Field(default=30, gt=0, le=3650)
    """Days that segments are kept. PIPA's guidelines ask for 30 or less unless your policy says otherwise."""
    masked_retention_days: float | None = Field(default=None, gt=0, le=3650)
    """Days that masked copies are kept; by default as long as the originals."""
    retention_reason: str = Field(default="", max_length=500)
    """Why originals are kept longer than 30 days: the words of the operating policy. Without them that is refused."""
    purge_every: float = Field(default=600, ge=1, le=86400)
    """Seconds between purges."""
    keep_free: int = Field(default=512, ge=0, le=100_000_000)
    """MiB to keep free on the disk of segments: when less is left, the oldest without a hold go before their time,
    and that is on record. 0 never does so."""
    ballast: int = Field(default=64, ge=0, le=65536)
    """MiB kept in a file in site.state and given up when that disk is full, so that a purge can still be recorded."""
    name: str = Field(default="main", pattern=f"^{SLUG.pattern}$")
    """This recorder's lasting name. Recorders that share an index need a name each, and their cameras too."""
    index: str | None = None
    """The index's database as an SQLAlchemy URL, such as postgresql+psycopg://garim@db.example/garim; by default
    a file in site.state."""
    index_password: Secret | None = None
    """Where the password of that database is kept, as { file = "PATH" } or { env = "NAME" }."""

    @field_validator("index")
    @classmethod
    def _no_password(cls, value: str | None) -> str | None:
        if value is not None and urlsplit(value).password is not None:
            raise ValueError("holds a password; use 'index_password' instead")
        if value is not None and not value.startswith(("postgresql", "sqlite:")):
            raise ValueError("must start with postgresql+psycopg:// or sqlite:///")
        return value


class Settings(Section):
    """A site's settings."""

    site: SiteSettings = SiteSettings()
    onvif: OnvifSettings = OnvifSettings()
    recorder: RecorderSettings
    custody: CustodySettings = CustodySettings()
    requests: RequestSettings = RequestSettings()
    console: ConsoleSettings = ConsoleSettings()
    camera: list[CameraSettings] = Field(min_length=1)

    def retention(self, camera: CameraSettings | None = None) -> tuple[float, float]:
        """Days that originals and masked copies are kept, of a camera or of those that are not named here."""
        own = (camera.retention_days, camera.masked_retention_days) if camera is not None else (None, None)
        original = own[0] if own[0] is not None else self.recorder.retention_days
        masked = own[1] if own[1] is not None else self.recorder.masked_retention_days
        return original, masked if masked is not None else original

    @model_validator(mode="after")
    def _long_retention(self) -> Self:
        longest = max(self.retention()[0], *(self.retention(camera)[0] for camera in self.camera))
        kept = self.recorder.enabled and self.recorder.keep_original
        if kept and longest > GUIDELINE_DAYS and not self.recorder.retention_reason.strip():
            raise ValueError(
                f"originals are to be kept {longest:g} days; over {GUIDELINE_DAYS} needs "
                "'recorder.retention_reason', as the operating policy gives it"
            )
        return self

    @model_validator(mode="after")
    def _time_zones(self) -> Self:
        """Cameras that name no time zone get the site's, for a worker is told of its camera alone."""
        for at, camera in enumerate(self.camera):
            if camera.mask.timezone is None:
                mask = camera.mask.model_copy(update={"timezone": self.site.timezone})
                self.camera[at] = camera.model_copy(update={"mask": mask})
        return self

    @model_validator(mode="after")
    def _together(self) -> Self:
        for conflict in conflicts(self.model_dump(mode="json")):
            raise ValueError(f"{dotted(conflict.path)} {conflict.what}; {conflict.mend}")
        return self

    def places(self, camera: int) -> dict[str, Place]:
        """Where the camera of that number listens, by the door's key; without TLS its doors are not there."""
        return {each.door.key: each for each in places(self.model_dump(mode="json")) if each.camera == camera}
