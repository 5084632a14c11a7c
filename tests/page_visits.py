"""What a person does on the pages of a service."""

from __future__ import annotations

from service_world import World


def sign_in(world: World, name: str) -> None:
    answer = world.client.post(
        "/sign-in", data={"key": world.keys[name]}, follow_redirects=False
    )
    assert answer.status_code == 303


def form_token(world: World) -> str:
    text = world.client.get("/").text
    return text.split('name="token" value="')[1].split('"')[0]
