"""The newsroom's pages over HTTP: who gets which, in which words, and that nobody else keeps or frames them."""

import re

import pytest

from house import House, open_house

pytestmark = pytest.mark.anyio


async def test_the_newsrooms_pages_are_for_who_is_signed_in(sqlite_url: str) -> None:
    async with open_house(sqlite_url) as house:
        await house.start("night", headline="<script>alert(1)</script>")
        await house.start("nacht", headline="Eine Nacht", language="de-AT")
        await house.start("layla", headline="ليلة", language="ar")
        author, bound = await house.token("author", "Ann"), await house.token(name="Bob", blogs=("nacht",))

        stranger = await _page(house, "/admin/night", "lb_nobody")
        assert (stranger[0], 'name="token"' in stranger[1]) == (200, True)
        assert 'name="next" value="/admin/night"' in stranger[1]
        assert "alert(1)" not in stranger[1]
        assert (await _page(house, "/admin/none", house.editor))[0] == 404
        assert (await _page(house, "/admin/night", bound))[0] == 403
        assert 'id="start"' not in (await _page(house, "/admin", bound))[1]
        assert 'id="start"' in (await _page(house, "/admin", house.editor))[1]

        _, desk = await _page(house, "/admin/night", house.editor)
        assert "<script>alert" not in desk
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in desk
        assert re.findall(r'id="tab-(\w+)"', desk) == ["coverage", "drafts", "points", "header", "log"]
        _, authors = await _page(house, "/admin/night", author)
        assert re.findall(r'id="tab-(\w+)"', authors) == ["coverage", "drafts", "log"]
        assert not re.search(r'name="(breaking|pinned|key_event)"|data-do="(end|reopen)"', authors)

        # In the words of the blog's language where there are some, else in English, which is written from the left.
        _, german = await _page(house, "/admin/nacht", bound)
        assert '<html lang="de" dir="ltr">' in german
        assert ">Veröffentlichen<" not in german  # the script writes that one
        assert "Berichterstattung" in german
        assert '<html lang="en" dir="ltr">' in (await _page(house, "/admin/layla", house.editor))[1]
        door = await house.http.get("/admin/sign-in", headers={"Accept-Language": "fr, de-CH;q=0.8, en"})
        assert '<html lang="de" dir="ltr">' in door.text


async def test_the_newsrooms_pages_are_kept_and_framed_by_nobody(sqlite_url: str) -> None:
    async with open_house(sqlite_url) as house:
        await house.start("night")
        for path in ("/admin", "/admin/sign-in", "/admin/night"):
            answer = await house.http.get(path, headers={"Cookie": f"liveblog_token={house.editor}"})
            assert answer.headers["cache-control"] == "no-store", path
            assert "access-control-allow-origin" not in answer.headers, path
            policy = dict(rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))
            assert policy["frame-ancestors"] == "'none'", path
            assert policy["script-src"] == "'self'", path
            assert policy["style-src"] == "'self'", path
            assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=", answer.text), path


async def _page(house: House, path: str, secret: str) -> tuple[int, str]:
    answer = await house.http.get(path, headers={"Cookie": f"liveblog_token={secret}", "Accept": "text/html"})
    return answer.status_code, answer.text
