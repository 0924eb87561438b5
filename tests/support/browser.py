"""A real headless Chromium, driven over the DevTools protocol by the little that our tests need."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--no-default-browser-check",
    "--remote-debugging-port=0",
)
WAIT_SECONDS = 15.0


class Page:
    """One tab. `problems` collects console errors, uncaught exceptions and CSP violations."""

    def __init__(self, call: Callable[..., Awaitable[dict[str, Any]]]) -> None:
        self._call = call
        self._loaded = asyncio.Event()
        self.problems: list[str] = []

    async def open(self, url: str) -> None:
        self._loaded.clear()
        await self._call("Page.navigate", url=url)
        await asyncio.wait_for(self._loaded.wait(), WAIT_SECONDS)

    async def run(self, script: str) -> Any:
        """The value of a JavaScript expression, awaited when it is a promise."""
        answer = await self._call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    async def until(self, script: str) -> None:
        """Waits until the expression is true, and outlives a navigation."""
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                try:
                    if await self.run(f"Boolean({script})"):
                        return
                except (AssertionError, RuntimeError):
                    pass  # between two documents
                await asyncio.sleep(0.05)

    async def submit(self, selector: str) -> None:
        """Clicks what leads to another document and waits for it."""
        self._loaded.clear()
        await self.run(f"document.querySelector({json.dumps(selector)}).click()")
        await asyncio.wait_for(self._loaded.wait(), WAIT_SECONDS)

    async def fill(self, selector: str, value: str) -> None:
        await self.run(f"document.querySelector({json.dumps(selector)}).value = {json.dumps(value)}")

    async def text(self, selector: str = "body") -> str:
        return str(await self.run(f"document.querySelector({json.dumps(selector)}).innerText"))

    async def resize(self, width: int, height: int = 900) -> None:
        await self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    async def media(self, **features: str) -> None:
        """`prefers_color_scheme="dark"`, `prefers_reduced_motion="reduce"`."""
        wanted = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        await self._call("Emulation.setEmulatedMedia", features=wanted)

    async def scripts(self, on: bool) -> None:
        await self._call("Emulation.setScriptExecutionDisabled", value=not on)

    async def point_at(self, selector: str) -> None:
        x, y = await self._middle(selector)
        await self._call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    async def click(self, selector: str) -> None:
        """With the mouse, as a person does."""
        x, y = await self._middle(selector)
        for kind in ("mousePressed", "mouseReleased"):
            await self._call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def key(self, key: str) -> None:
        """One key, pressed and released, where the focus is."""
        text = key if len(key) == 1 else ""
        for kind in ("keyDown", "keyUp"):
            await self._call(
                "Input.dispatchKeyEvent", type=kind, key=key, text=text if kind == "keyDown" else ""
            )

    async def _middle(self, selector: str) -> tuple[float, float]:
        box = await self.run(
            f"(r => [r.x + r.width / 2, r.y + r.height / 2])"
            f"(document.querySelector({json.dumps(selector)}).getBoundingClientRect())"
        )
        return box[0], box[1]

    async def picture(self, path: Path) -> None:
        """The whole page as PNG."""
        answer = await self._call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(  # noqa: ASYNC240  # a test waits for its own picture
            base64.b64decode(answer["data"])
        )

    async def cookies(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self._call("Network.getCookies"))["cookies"]
        return found

    def hear(self, method: str, params: dict[str, Any]) -> None:
        if method == "Page.loadEventFired":
            self._loaded.set()
        elif method == "Runtime.exceptionThrown":
            self.problems.append(json.dumps(params["exceptionDetails"])[:500])
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.problems.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "assert"):
            self.problems.append(json.dumps(params["args"])[:500])


class Browser:
    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._pages: dict[str, Page] = {}

    async def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        number = next(self._ids)
        self._answers[number] = asyncio.get_running_loop().create_future()
        body: dict[str, Any] = {"id": number, "method": method, "params": params}
        await self._socket.send_json(body | ({"sessionId": session} if session else {}))
        answer = await asyncio.wait_for(self._answers[number], WAIT_SECONDS)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        result: dict[str, Any] = answer["result"]
        return result

    async def page(self, width: int = 1366, height: int = 900) -> Page:
        """A tab with cookies of its own."""
        context = (await self.call("Target.createBrowserContext"))["browserContextId"]
        target = await self.call("Target.createTarget", url="about:blank", browserContextId=context)
        attached = await self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        session = attached["sessionId"]

        async def call(method: str, **params: Any) -> dict[str, Any]:
            return await self.call(method, session, **params)

        page = self._pages[session] = Page(call)
        for domain in ("Page", "Runtime", "Log", "Network"):
            await call(f"{domain}.enable")
        await call("Emulation.setScrollbarsHidden", hidden=True)
        await page.resize(width, height)
        return page

    async def listen(self) -> None:
        async for message in self._socket:
            said = json.loads(message.data)
            if "id" in said:
                waiting = self._answers.pop(said["id"], None)
                if waiting and not waiting.done():
                    waiting.set_result(said)
            elif (page := self._pages.get(said.get("sessionId", ""))) is not None:
                page.hear(said["method"], said["params"])


@asynccontextmanager
async def chromium(profile: Path, *flags: str) -> AsyncIterator[Browser]:
    """A browser with a fresh profile; ends with its whole process group."""
    assert CHROMIUM is not None
    process = await asyncio.create_subprocess_exec(
        CHROMIUM,
        *FLAGS,
        f"--user-data-dir={profile}",
        *flags,
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(await _endpoint(profile), max_msg_size=0) as socket,
        ):
            browser = Browser(socket)
            listening = asyncio.create_task(browser.listen())
            try:
                yield browser
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _endpoint(profile: Path) -> str:
    """Chromium writes where it listens into its profile."""
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            try:
                port, path = (profile / "DevToolsActivePort").read_text().split()
            except (OSError, ValueError):
                await asyncio.sleep(0.05)
            else:
                return f"ws://127.0.0.1:{port}{path}"
