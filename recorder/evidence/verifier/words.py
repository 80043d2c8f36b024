"""What the verifier says, in English and Korean."""

from __future__ import annotations

LANGUAGES = ("en", "ko")
_EN, _KO = 0, 1

_WORDS: dict[str, tuple[str, str]] = {
    "folder": ("the folder cannot be read", "폴더를 읽을 수 없음"),
    "special": ("neither a plain file nor a folder with files", "일반 파일도, 파일이 든 폴더도 아님"),
    "manifest-absent": ("there is no manifest", "목록 파일이 없음"),
    "manifest-json": ("the manifest cannot be read", "목록 파일을 읽을 수 없음"),
    "manifest-twice": ("the manifest gives a name twice", "목록 파일에 같은 이름이 두 번 나옴"),
    "manifest-form": ("the manifest is not in canonical form", "목록 파일이 정규 형식이 아님"),
    "manifest-field": ("the manifest lacks or misuses a field", "목록 파일의 항목이 없거나 잘못됨"),
    "signature-absent": ("there is no signature", "서명이 없음"),
    "signature-form": ("the signature cannot be read", "서명을 읽을 수 없음"),
    "signature-key": ("it was signed with another key", "다른 키로 서명됨"),
    "signature-wrong": ("the signature does not fit", "서명이 맞지 않음"),
    "comment-wrong": ("the signature's comment was altered", "서명의 설명이 변경됨"),
    "file-absent": ("missing", "파일이 없음"),
    "file-size": ("of another size", "크기가 다름"),
    "file-hash": ("altered", "내용이 변경됨"),
    "file-unlisted": ("not in the manifest", "목록에 없는 파일"),
    "file-unread": ("cannot be read", "읽을 수 없음"),
    "stamp-wrong": ("the time stamp does not fit", "시점확인 토큰이 맞지 않음"),
    "stamp-absent": ("there is no time stamp", "시점확인 토큰이 없음"),
    "unchecked": (
        "not checked here, and not signed: 'garim verify --tsa-root' checks time stamps",
        "여기서 확인하지 않았고 서명되지도 않음: 시점확인 토큰은 'garim verify --tsa-root'로 확인",
    ),
    "export": ("Export", "반출 번호"),
    "kind": ("Kind", "종류"),
    "request": ("Request", "요청 번호"),
    "institution": ("Institution", "기관"),
    "cameras": ("Cameras", "카메라"),
    "from": ("From", "시작"),
    "to": ("To", "끝"),
    "created": ("Made", "작성"),
    "files": ("Files", "파일 수"),
    "key": ("Key", "서명 키"),
    "fingerprint": ("Fingerprint (SHA-256)", "키 지문 (SHA-256)"),
    "c2pa-wrong": ("its C2PA claim does not fit", "C2PA 정보가 맞지 않음"),
    "c2pa": ("C2PA claim fits", "C2PA 정보 일치"),
    "stamp": ("Time stamp", "시점확인"),
    "broken": ("broken", "손상됨"),
    "verified": (
        "verified: every file is as the holder of this key signed it.",
        "확인됨: 모든 파일이 이 키의 보유자가 서명한 그대로입니다.",
    ),
    "unknown": (
        "not authenticated: the files fit the manifest, but anybody could have signed it. Compare the fingerprint "
        "with the one that the institution gives, or name its key with --key.",
        "인증되지 않음 (not authenticated): 파일은 목록과 일치하지만 누가 서명했는지는 확인되지 않았습니다. "
        "기관이 알려 준 지문과 비교하거나 --key로 기관의 공개 키를 지정하십시오.",
    ),
    "key-unread": ("The key cannot be read", "키를 읽을 수 없음"),
}


def word(code: str, language: str) -> str:
    """The words for `code`."""
    return _WORDS[code][_KO if language == "ko" else _EN]


def plain(text: object) -> str:
    """`text` without what a terminal would obey, and not too long."""
    return "".join(c if c.isprintable() else "?" for c in str(text))[:300]
