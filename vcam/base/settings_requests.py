"""Settings of requests for footage, and of the console that they are handled at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from vcam.base.settings_section import Section


class RequestSettings(Section):
    """Requests for footage: who may ask, for how much, and until when it is answered."""

    public_body: bool = False
    """Whether this is a public institution, which alone may rely on PIPA 18(2)7."""
    remind: list[Annotated[int, Field(ge=0, le=60)]] = [5, 2, 1, 0]
    """Days before the last day of the answer to a data subject at which to remind; 0 is that day itself."""
    longest: float = Field(default=24, gt=0, le=24 * 366)
    """Hours that a request may span without saying why it needs more."""
    cameras: int = Field(default=4, ge=1, le=1000)
    """Cameras that a request may name without saying why it needs more."""
    life_days: int = Field(default=30, ge=1, le=365)
    """Days after which a draft, or an approval that nothing was made of, expires."""
    review_days: int = Field(default=3, ge=1, le=30)
    """Days in which a third person or the auditor reviews an emergency."""
    subject_days: int = Field(default=30, ge=0, le=3650)
    """Days after the end of a case at which a data subject's personal data are erased."""


class ConsoleSettings(Section):
    """The web console for requests and approvals, and for links to shares. It never shows unmasked pictures."""

    enabled: bool = False
    """Serve it."""
    bind: str = "127.0.0.1"
    """Address to listen on."""
    port: int = Field(default=8480, ge=0, le=65535)
    """Port to listen on; 0 chooses a free one."""
    tls: bool = False
    """Speak TLS (1.2 and later) itself."""
    certificate: Path | None = None
    """PEM file of the certificate and of those that vouch for it. By default Garim signs one itself, keeps it in
    site.state, and renews it before it expires."""
    key: Path | None = None
    """PEM file of the certificate's private key, without a passphrase."""
    proxy: bool = False
    """Whether a proxy in front speaks TLS, and tells the client's address in X-Forwarded-For. Then nobody else may be
    able to reach the port."""
    url: str | None = None
    """Address by which people reach it, as https://HOST[:PORT], written into links; by default bind and port."""
    idle: float = Field(default=15, ge=1, le=480)
    """Minutes after which somebody who does nothing is signed out."""

    @field_validator("url")
    @classmethod
    def _origin(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
            raise ValueError("must be https://HOST or https://HOST:PORT")
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("must end after the host and port")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _secure(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("give both 'certificate' and 'key', or neither")
        loopback = self.bind in {"127.0.0.1", "::1", "localhost"}
        if self.enabled and not (loopback or self.tls or self.proxy):
            raise ValueError(
                "would carry passwords in the clear; set tls = true, or listen on 127.0.0.1, or put a proxy in front "
                "that speaks TLS and set proxy = true"
            )
        return self

    @property
    def secure(self) -> bool:
        """Whether browsers reach it over TLS."""
        return self.tls or self.proxy

    def link(self, token: str) -> str:
        """Where a link to a share leads, with the port of the settings."""
        host = f"[{self.bind}]" if ":" in self.bind else self.bind
        scheme = "https" if self.secure else "http"
        return f"{self.url or f'{scheme}://{host}:{self.port}'}/s/{token}"
