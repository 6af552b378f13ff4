"""Requests made to bring a server down: each is refused at once, and no other suffers."""

from __future__ import annotations

from tests.attacks.serving import Target


def test_a_sound_server_has_no_faults(target: Target) -> None:
    assert target.faults() == []
    assert target.memory() >= 0
