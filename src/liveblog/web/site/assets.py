"""Scripts, sheets and words as files: read once, kept compressed.

What pages ask for are the files in `built`, each a script with all that it imports or a sheet with its own imports, as
`make scripts` makes them. Their sources in `static` are served beside them, to be read, unless they have the same name.

Our own pages ask for them under an address that names their contents, `/static/v-…/`, which never changes and so is
kept for good, and of which all parts fit each other. Pages of others use `/static/`, which is looked at again each
minute.
"""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.web.answers import IMMUTABLE
from liveblog.web.site import representations, words
from liveblog.web.site.representations import Representation

SOURCES = Path(__file__).parent / "static"
BUILT = Path(__file__).parent / "built"
FOR_A_MINUTE = "public, max-age=60"
TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


def routes() -> list[Route]:
    """The routes of the files."""
    return [Route("/static/{path:path}", _serve), Route("/favicon.ico", _icon)]


@cache
def files() -> Mapping[str, Representation]:
    """All files by name, such as `machine/clock.js`."""
    named = _read(SOURCES) | _read(BUILT)
    for language in words.LANGUAGES:
        named[f"messages/{language}.json"] = (words.FOLDER / f"{language}.json").read_bytes()
        named[f"messages/reader.{language}.json"] = words.words_for(language).of_readers().encode()
    return {name: representations.represent(contents) for name, contents in sorted(named.items())}


def _read(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.suffix in TYPES
    }


@cache
def release() -> str:
    """The name of the contents of all files together."""
    contents = "".join(f"{name} {representation.name}\n" for name, representation in files().items())
    return f"v-{sha256(contents.encode()).hexdigest()[:16]}"


def asset(name: str) -> str:
    """The address of a file for pages of ours.

    Raises:
        KeyError: If there is no such file.

    """
    if name not in files():
        raise KeyError(name)
    return f"/static/{release()}/{name}"


async def _icon(request: Request) -> Response:
    """For browsers that ask at the old place, as they do for what is not a page."""
    return representations.answer(request, files()["icon.svg"], TYPES[".svg"], {"Cache-Control": FOR_A_MINUTE})


async def _serve(request: Request) -> Response:
    path: str = request.path_params["path"]
    named, _, name = path.partition("/") if path.startswith("v-") else ("", "", path)
    representation = files().get(name)
    if representation is None:
        raise HTTPException(404)
    # A page of another release may ask under its name: it gets what there is, but must not keep it under that name.
    kept = IMMUTABLE if named == release() else FOR_A_MINUTE
    return representations.answer(request, representation, TYPES[Path(name).suffix], {"Cache-Control": kept})
