"""The screen in a browser of this machine, behind a token that only its address holds."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable

from aiohttp import web
from textual_serve.server import Server

from tui.browser_page import page, policy

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Guarded(Server):
    """Serves only who came by the address with the token, on this very host, from its own pages: a page
    elsewhere can neither read the screen nor press its keys."""

    def __init__(self, command: str, port: int, title: str, token: str, say: Callable[[str], None]) -> None:
        self._say = say
        super().__init__(command, host="127.0.0.1", port=port, title=title)
        self._token = token
        self._cookie = f"wavetree-{port}"  # a browser tells hosts apart, but no ports
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    @property
    def address(self) -> str:
        """What a person opens."""
        return f"{self.public_url}/?token={self._token}"

    def initialize_logging(self) -> None:
        """Nothing is logged: addresses hold the token."""

    async def on_startup(self, app: web.Application) -> None:
        """Nothing is said before anybody can come."""

    def serve(self, debug: bool = False) -> None:
        """Serve until Ctrl-C; say where, once it is there."""

        def say(*_: object) -> None:
            self._say(self.address)

        web.run_app(self._make_app(), host=self.host, port=self.port, access_log=None, print=say)

    async def _make_app(self) -> web.Application:
        app: web.Application = await super()._make_app()

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._answer(request, handler)

        app.middlewares.append(guard)
        return app

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if request.host not in self._hosts:
            raise web.HTTPForbidden(text=f"this is not {request.host}")
        if origin is not None and origin not in {f"http://{host}" for host in self._hosts}:
            raise web.HTTPForbidden(text="a page of another origin may not come here")
        if self._same(request.query.get("token", "")):
            found = web.Response(status=302, headers={"Location": "/", "Referrer-Policy": "no-referrer"})
            found.set_cookie(self._cookie, self._token, httponly=True, samesite="Strict")
            return found
        if not self._same(request.cookies.get(self._cookie, "")):
            raise web.HTTPForbidden(text="open the address that `wavetree serve` printed")
        if request.path == "/":
            found = web.Response(text=page(self.title, request.host), content_type="text/html")
            found.headers["Content-Security-Policy"] = policy(request.host)
            found.headers["Cache-Control"] = "no-store"
            return self._closed(found)
        return self._closed(await handler(request))

    @staticmethod
    def _closed(response: web.StreamResponse) -> web.StreamResponse:
        """The response, closed to pages around it."""
        if not response.prepared:
            response.headers["Referrer-Policy"] = "no-referrer"
            response.headers["X-Frame-Options"] = "DENY"
        return response

    def _same(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self._token.encode())
