"""Identities on paper come back from their words, and a slip of the pen is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest
from shamir_mnemonic.wordlist import WORDLIST

from recorder.vault.keys import Identity
from recorder.vault.paper import from_words, read_identities, words
from vcam.base.errors import VaultError


def test_words_give_the_key_back_however_they_are_typed() -> None:
    identity = Identity.generate()
    text = words(identity)
    assert len(text.split()) == 33
    assert from_words(text).secret() == identity.secret()
    assert from_words("\n".join(text.upper().split())).secret() == identity.secret()


def test_every_wrong_word_is_noticed() -> None:
    text = words(Identity.generate()).split()
    for place in range(33):
        other = WORDLIST[(WORDLIST.index(text[place]) + 1) % len(WORDLIST)]
        with pytest.raises(VaultError, match="not the words") as caught:
            from_words(" ".join([*text[:place], other, *text[place + 1 :]]))
        assert text[0] not in str(caught.value)


def test_an_identity_file_may_hold_keys_or_words(tmp_path: Path) -> None:
    identity = Identity.generate()
    file = tmp_path / "identity"
    for content in (
        f"# created\n# public key: {identity.recipient}\n{identity.secret()}\n",
        identity.secret().lower(),
        words(identity),
        "# on paper\n" + "\n".join(words(identity).split()),
    ):
        file.write_text(content)
        assert [text.upper() for text in read_identities(file)] == [identity.secret()]


@pytest.mark.parametrize("content", ["", "one two three", "AGE-SECRET-KEY-1QQQ", "age1x", "\u00e9"])
def test_what_holds_no_identity_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "identity"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(VaultError):
        read_identities(file)
    with pytest.raises(VaultError):
        read_identities(tmp_path / "absent")
