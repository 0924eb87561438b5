"""The frame of every page."""

from __future__ import annotations

import re

from anmin.web.render import HERE
from tests.support.web import world


def test_templates_hold_no_inline_script_style_or_handler() -> None:
    for template in (HERE / "templates").glob("*.html"):
        text = template.read_text()
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), template.name
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text), template.name
        assert not re.search(r"https?://", text), template.name


async def test_every_page_says_the_servers_time_and_the_datas_age() -> None:
    async with world() as w:
        headers = await w.signed_in()
        for path in ("/", "/incidents/inc_01FIRE", "/devices", "/devices/smoke-1203"):
            page = await (await w.client.get(path, headers=headers)).text()
            assert 'id="clock"' in page
            assert "数据截至 14:02:11" in page


async def test_a_page_works_without_a_script() -> None:
    async with world() as w:
        page = await (await w.client.get("/", headers=await w.signed_in())).text()
        assert '<noscript><meta http-equiv="refresh" content="10; url=/?auto=1"></noscript>' in page
        assert 'method="post" action="/incidents/inc_01FIRE/actions"' in page
