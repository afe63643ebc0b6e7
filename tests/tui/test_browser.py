"""The screen in a browser: only for who has the token, from its own pages, on this machine."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer, unused_port

from tui.browser import Guarded

TOKEN = "a-token-that-nobody-guesses"


@pytest.fixture
async def browser() -> AsyncIterator[TestClient]:
    port = unused_port()
    guarded = Guarded("cat", port, "wavetree r1", TOKEN, lambda _: None)
    server = TestServer(await guarded._make_app(), host="127.0.0.1", port=port)
    async with TestClient(server) as client:
        yield client
    assert guarded.address == f"http://127.0.0.1:{port}/?token={TOKEN}"


def cookie(browser: TestClient) -> dict[str, str]:
    """What a browser sends that came by the address."""
    return {f"wavetree-{browser.port}": TOKEN}


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
        answer = await browser.get(path, headers=headers, cookies=cookie(browser))
        assert answer.status == 403


async def test_keys_go_to_the_program_and_what_it_writes_comes_back(browser: TestClient) -> None:
    """The socket of the page, from its own origin."""
    base = str(browser.make_url("/")).rstrip("/")
    async with ClientSession(cookies=cookie(browser)) as session:
        refused = await session.get(f"{base}/ws", headers={"Origin": "http://evil.example"})
        assert refused.status == 403
        async with session.ws_connect(f"{base}/ws", origin=base) as socket:
            await socket.send_json(["ping", "x"])
            while (await socket.receive_json(timeout=10))[0] != "pong":
                pass


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
async def test_all_that_the_page_loads_is_on_this_server(browser: TestClient, name: str) -> None:
    """It works without a network, and under either name of this machine."""
    host = f"{name}:{browser.port}"
    page = await browser.get("/", cookies=cookie(browser), headers={"Host": host})
    text = await page.text()
    assert re.findall(r"\w+://[^/\"]+", text) == [f"ws://{host}"]
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert re.findall(r"\w+://[^ ;]+", policy) == [f"ws://{host}"]
    parts = re.findall(r"(?:src|href)=\"(/[^\"]+)|url\(\"([^\"]+)", text)
    for path in (one or other for one, other in parts):
        assert (await browser.get(path, cookies=cookie(browser))).status == 200
    assert len(parts) == 4


async def test_the_keys_go_to_the_screen_without_a_click(browser: TestClient) -> None:
    """Only the script whose digest the policy names may run in the page."""
    page = await browser.get("/", cookies=cookie(browser))
    script = (await page.text()).rpartition("<script>")[2].partition("</script>")[0]
    assert ".xterm-helper-textarea" in script
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in page.headers["Content-Security-Policy"]


async def test_two_servers_do_not_take_each_others_cookie(browser: TestClient) -> None:
    """A browser sends the cookies of a host to all its ports."""
    other = f"wavetree-{(browser.port or 0) + 1}"
    both = {**cookie(browser), other: "another-token"}
    assert (await browser.get("/", cookies=both)).status == 200
    page = await browser.get(f"/?token={TOKEN}")
    assert page.history[0].headers["Set-Cookie"].startswith(f"wavetree-{browser.port}=")
