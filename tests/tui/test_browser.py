"""The screen in a browser: only for who has the token, from its own pages, on this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer, unused_port

from tui.browser import COOKIE, Guarded

TOKEN = "a-token-that-nobody-guesses"


@pytest.fixture
async def browser() -> AsyncIterator[TestClient]:
    port = unused_port()
    guarded = Guarded("cat", port, "wavetree r1", TOKEN, lambda _: None)
    server = TestServer(await guarded._make_app(), host="127.0.0.1", port=port)
    async with TestClient(server) as client:
        yield client
    assert guarded.address == f"http://127.0.0.1:{port}/?token={TOKEN}"


@pytest.mark.parametrize("path", ["/", "/ws", "/?token=wrong", "/static/js/textual.js"])
async def test_without_the_token_nothing_is_served(browser: TestClient, path: str) -> None:
    assert (await browser.get(path)).status == 403


async def test_the_address_opens_the_page_and_the_token_leaves_the_address_bar(browser: TestClient) -> None:
    page = await browser.get(f"/?token={TOKEN}")
    assert (page.status, str(page.url.relative())) == (200, "/")
    assert "wavetree r1" in await page.text()
    assert TOKEN not in await page.text()
    assert page.headers["X-Frame-Options"] == "DENY"
    cookie = page.history[0].headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example"}, {"Host": "evil.example"}, {"Origin": "null"}]
)
async def test_a_page_elsewhere_may_not_come_here_even_with_the_cookie(
    browser: TestClient, headers: dict[str, str]
) -> None:
    """Also not by a name that resolves to this machine."""
    for path in ("/", "/ws"):
        answer = await browser.get(path, headers=headers, cookies={COOKIE: TOKEN})
        assert answer.status == 403


async def test_keys_go_to_the_program_and_what_it_writes_comes_back(browser: TestClient) -> None:
    """The socket of the page, from its own origin."""
    base = str(browser.make_url("/")).rstrip("/")
    async with ClientSession(cookies={COOKIE: TOKEN}) as session:
        refused = await session.get(f"{base}/ws", headers={"Origin": "http://evil.example"})
        assert refused.status == 403
        async with session.ws_connect(f"{base}/ws", origin=base) as socket:
            await socket.send_json(["ping", "x"])
            while (await socket.receive_json(timeout=10))[0] != "pong":
                pass
