"""Findings in words, straight from data."""

from __future__ import annotations

from vcam.base.mistakes import find_mistakes


def test_right_data_has_none() -> None:
    data = {"recorder": {"enabled": False}, "camera": [{"name": "a", "source": {"url": "rtsp://192.0.2.1/"}}]}
    assert find_mistakes(data, {}) == []


def test_a_rule_over_a_table_is_told_beside_mistakes_in_it() -> None:
    source = {"url": "rtsp://192.0.2.1/", "password": {"file": "a", "env": "b", "fil": "c"}}
    data = {"recorder": {"segment": "60"}, "camera": [{"name": "a", "source": source}, 5]}
    found = {mistake.key: mistake.what for mistake in find_mistakes(data, {})}
    assert found == {
        "recorder.segment": "must be a number without quotes",
        "camera[0].source.password": "give either 'file' or 'env'",
        "camera[0].source.password.fil": "is no setting",
        "camera[1]": "must be a table",
    }


def test_long_values_are_shortened() -> None:
    (mistake,) = find_mistakes(
        {"recorder": {"enabled": False}, "site": {"name": "x" * 500}, "camera": [_camera()]}, {("site",): 4}
    )
    assert len(mistake.value) == 60
    assert mistake.value.endswith("...")
    assert mistake.line == 4


def _camera() -> dict[str, object]:
    return {"name": "a", "source": {"url": "rtsp://192.0.2.1/"}}
