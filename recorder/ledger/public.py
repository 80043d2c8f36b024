"""What the public is told, from the settings: the operating policy (Decree 25(1)), the notice board (PIPA 25(4))."""

from __future__ import annotations

from collections.abc import Iterable

from recorder.ledger.form import Cell, Form, Table, Term
from recorder.ledger.matter import UNSAID, Matter
from vcam.base.settings import CameraSettings

_ITEMS = (Term("항목", "Item"), Term("내용", "Content"))
_CAMERAS = (
    Term("카메라", "Camera"),
    Term("설치 목적", "Purpose"),
    Term("설치 장소", "Place"),
    Term("촬영 범위 및 시간", "Range and hours"),
    Term("보관 기간(일): 원본", "Kept (days): originals"),
    Term("보관 기간(일): 마스킹된 사본", "Kept (days): masked copies"),
)


def policy(matter: Matter) -> Form:
    """The operating policy."""
    settings = matter.settings
    reason = settings.recorder.retention_reason.strip()
    rows: list[list[Cell]] = [
        [Term("운영 기관", "Institution"), matter.institution],
        [Term("설치 목적", "Purpose"), _all(camera.purpose for camera in settings.camera)],
        [Term("설치 대수", "Number of cameras"), str(len(settings.camera))],
        [Term("관리책임자 및 담당자", "Staff in charge"), matter.officer],
        [Term("보관 기간", "Retention"), _days(matter, reason)],
        [Term("설치 장소", "Place"), _all(camera.place for camera in settings.camera)],
        [Term("열람 등 요구 방법", "How to ask for access"), matter.contact],
    ]
    return Form(
        Term("고정형 영상정보처리기기 운영·관리 방침", "Operating policy of fixed video devices"),
        Term("개인정보 보호법 시행령 제25조제1항", "PIPA Decree 25(1)"),
        [
            Table(_ITEMS, rows),
            Table(_CAMERAS, [_camera(each, matter) for each in settings.camera], Term("카메라별", "By camera")),
        ],
        [
            Term(
                "정보주체는 위 연락처로 개인영상정보의 열람 등을 요구할 수 있습니다.",
                "Data subjects may ask for access to their personal video at the contact above.",
            )
        ],
    )


def board(matter: Matter) -> Form:
    """The text of the notice board."""
    rows: list[list[Cell]] = []
    for camera in matter.settings.camera:
        rows += [
            [Term("설치 목적", "Purpose"), camera.purpose or UNSAID],
            [Term("설치 장소", "Place"), camera.place or UNSAID],
            [Term("촬영 범위 및 시간", "Range and hours"), camera.coverage or UNSAID],
        ]
    rows = [row for number, row in enumerate(rows) if row not in rows[:number]]
    rows += [
        [Term("관리책임자", "Person in charge"), matter.officer],
        [Term("연락처", "Contact"), matter.contact],
    ]
    return Form(
        Term("CCTV 설치 안내", "CCTV in operation"),
        Term("개인정보 보호법 제25조제4항", "PIPA 25(4)"),
        [Table(_ITEMS, rows, Term(matter.institution, matter.institution))],
    )


def _all(texts: Iterable[str]) -> Cell:
    found = [text for text in dict.fromkeys(texts) if text]
    return "; ".join(found) if found else UNSAID


def _days(matter: Matter, reason: str) -> Cell:
    settings = matter.settings
    spans = {settings.retention(camera) for camera in settings.camera}
    days = sorted({f"{day:g}" for span in spans for day in span}, key=float)
    tail = f" ({reason})" if reason else ""
    return Term(f"{', '.join(days)}일{tail}", f"{', '.join(days)} days{tail}")


def _camera(camera: CameraSettings, matter: Matter) -> list[Cell]:
    original, masked = matter.settings.retention(camera)
    return [
        camera.title or camera.name,
        camera.purpose or UNSAID,
        camera.place or UNSAID,
        camera.coverage or UNSAID,
        f"{original:g}",
        f"{masked:g}",
    ]
