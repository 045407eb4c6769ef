"""The chat panel in a browser: its files, and the cookie by which a browser shows the token from then on."""

import mimetypes
import secrets
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from memls.http.guard import Guard, query_token

FOLDER = Path(__file__).with_name("page")
_NONCE = "__NONCE__"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; connect-src 'self'; "
    "img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_UNBUILT = """<!doctype html><meta charset="utf-8"><title>memls</title>
<p>This is memls. Its chat panel is not part of this installation: <code>make extension</code> builds it
in a clone of memls. The API is described in <a href="/openapi.json">/openapi.json</a>.</p>
"""


def index(request: Request, guard: Guard) -> Response:
    """The page. With the token in its address that goes into a cookie, and out of the address."""
    if query_token(request.scope):
        kept = request.url.remove_query_params("token").query
        answer: Response = RedirectResponse(f"/?{kept}" if kept else "/", 303)
        answer.set_cookie(
            guard.cookie, query_token(request.scope), httponly=True, samesite="strict", path="/",
            secure=request.url.scheme == "https",
        )  # fmt: skip
        return answer
    file = FOLDER / "index.html"
    nonce = secrets.token_urlsafe(16)
    text = file.read_text("utf-8").replace(_NONCE, nonce) if file.is_file() else _UNBUILT
    return HTMLResponse(text, headers={"Content-Security-Policy": _POLICY.format(nonce=nonce)})


def asset(name: str) -> Response | None:
    """A file beside it, by its name alone."""
    known = {file.name: file for file in FOLDER.iterdir() if file.is_file()} if FOLDER.is_dir() else {}
    if name not in known or name == "index.html":
        return None
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return FileResponse(known[name], media_type=kind, headers={"Cache-Control": "no-cache"})
