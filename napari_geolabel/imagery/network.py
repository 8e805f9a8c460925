"""Scenes on other machines: only when a person says so, and nothing but the address that they name.

Without ``trust="network"`` no address is ever asked.  With it GDAL reads parts
of that one file (a cloud optimized GeoTIFF needs few), and nothing beside it:
no listing, no companions, no virtual raster, no other address.
"""

from __future__ import annotations

import base64
import http.client
import logging
import netrc
import re
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from napari_geolabel.errors import MissingFileError, SceneError, UnsafeFileError
from napari_geolabel.imagery.drivers import TIFF_MAGIC
from napari_geolabel.imagery.safety import GDAL_OPTIONS

Trust = Literal["local", "network"]
"""Whether only files of this machine may be opened, or an address that is named as well."""

SUFFIXES = (".tif", ".tiff")
"""What may be opened from the network; anything else might lead further."""

_CONNECT_TIMEOUT_S, _TIMEOUT_S, _TRIES, _DELAY_S = 10, 30, 3, 0.5
_URL = re.compile(r"(?:/vsicurl/)?(?P<scheme>https?|s3):/{1,2}(?=[^/])", re.IGNORECASE)
_S3 = re.compile(r"/vsis3/(?=[^/])", re.IGNORECASE)
_TEMPORARY = {408, 429, 500, 502, 503, 504}


@dataclass(frozen=True, kw_only=True)
class RemoteFile:
    """One file that may be read over the network."""

    url: str
    """Without what may be secret in it: the query is left out."""

    path: Path
    """Host and path, for names and messages; there is no such file."""

    dataset: str = field(repr=False)
    """GDAL's name of it, which may hold a signature."""

    @property
    def options(self) -> Mapping[str, object]:
        """Options under which GDAL reads this file, and no other."""
        kept = {key: value for key, value in GDAL_OPTIONS.items() if key != "CPL_VSIL_CURL_ALLOWED_EXTENSIONS"}
        return {
            **kept,
            "CPL_VSIL_CURL_ALLOWED_FILENAME": self.dataset,
            "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
            "GDAL_PAM_ENABLED": "NO",
            "GDAL_INGESTED_BYTES_AT_OPEN": 32768,
            "GDAL_HTTP_CONNECTTIMEOUT": _CONNECT_TIMEOUT_S,
            "GDAL_HTTP_TIMEOUT": _TIMEOUT_S,
            "GDAL_HTTP_MAX_RETRY": _TRIES - 1,
            "GDAL_HTTP_RETRY_DELAY": _DELAY_S,
        }

    def clean(self, text: str) -> str:
        """Return a message of GDAL's without the query of the address, which may hold a signature."""
        query = self.dataset.partition("?")[2]
        for secret in [self.dataset, self.dataset.removeprefix("/vsicurl/"), query]:
            if secret:
                text = text.replace(secret, self.url if secret != query else "…")
        return text

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let GDAL read this file and no other, and keep its signature out of what rasterio logs."""
        import rasterio

        def clean_record(record: logging.LogRecord) -> bool:
            record.msg, record.args = self.clean(record.getMessage()), ()
            return True

        # a function of this call alone: a method is the same filter to every thread, and the first to end removes it
        loggers = [logging.getLogger(f"rasterio.{name}") for name in ("_base", "_env", "_err", "_io")]
        for logger in loggers:
            logger.addFilter(clean_record)
        try:
            with rasterio.Env(**self.options):
                yield
        finally:
            for logger in loggers:
                logger.removeFilter(clean_record)


def address_of(path: str | Path) -> str | None:
    """Return what a person names as an address on the network, None for a path of this machine."""
    text = str(path).strip()
    if _S3.match(text):
        return f"s3://{text[len('/vsis3/') :]}"
    match = _URL.match(text)
    # pathlib makes one slash of two
    return f"{match['scheme'].lower()}://{text[match.end() :]}" if match else None


def remote_file(address: str, trust: Trust) -> RemoteFile:
    """Return the file at an address, if it may be read; nothing is asked for yet.

    Raises
    ------
    UnsafeFileError
        If the network is not trusted, or the address holds a password.
    SceneError
        If it is no address of a GeoTIFF.
    """
    try:
        parts = urlsplit(address)
        host = parts.hostname
        port = "" if parts.port is None else f":{parts.port}"
    except ValueError as error:
        raise SceneError(f"{address[:60]!r} is no address; write https://host/path/scene.tif") from error
    if not host or re.search(r"[\s\x00-\x1f\x7f\\<>\"]", address):
        raise SceneError(f"{address[:60]!r} is no address; write https://host/path/scene.tif")
    url = f"{parts.scheme}://{host}{port}{parts.path}"
    if parts.username is not None or parts.password is not None:
        raise UnsafeFileError(
            f"{url} was given with a user's name or password in it, which would end up in logs; "
            "keep them in ~/.netrc and leave them out of the address"
        )
    if trust != "network":
        raise UnsafeFileError(
            f"{url} is not a local file, and nothing is read over the network unless you say so: open it with "
            "trust='network' (on the command line --trust network), or download it"
        )
    if Path(parts.path).suffix.lower() not in SUFFIXES:
        raise SceneError(
            f"{url} does not end in {' or '.join(SUFFIXES)}, and only GeoTIFFs are opened from the network; download it"
        )
    query = f"?{parts.query}" if parts.query else ""
    name = f"{host}{parts.path}{query}"
    dataset = f"/vsis3/{name}" if parts.scheme == "s3" else f"/vsicurl/{parts.scheme}://{host}{port}{parts.path}{query}"
    return RemoteFile(url=url, path=Path(host + unquote(parts.path)), dataset=dataset)


def check_answer(remote: RemoteFile) -> None:
    """Ask for the first bytes of a file: whether it is there, where it is said to be, and a TIFF.

    Buckets (``s3://``) are asked by GDAL alone, which knows the user's keys.

    Raises
    ------
    MissingFileError
        If the server has no such file.
    UnsafeFileError
        If the server sends the reader to another address.
    SceneError
        If it does not answer, wants a login, cannot send parts of a file, or it is no TIFF.
    """
    if remote.dataset.startswith("/vsis3/"):
        return
    status, start = _first_bytes(remote)
    if status in (404, 410):
        raise MissingFileError(f"{remote.url} cannot be found (the server says {status}); check the address")
    if status in (401, 403):
        raise SceneError(
            f"{remote.url} may not be read (the server says {status}); it wants a login, or a signed address that has "
            "expired: get a new one, or download the file"
        )
    if status != 206:
        reason = "it cannot send parts of a file" if status == 200 else f"the server says {status}"
        raise SceneError(f"{remote.url} cannot be read over the network ({reason}); download it and open the copy")
    if not start.startswith(TIFF_MAGIC):
        raise SceneError(f"{remote.url} is no TIFF, and only GeoTIFFs are opened from the network; download it")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Leaves it to a person whether another address is trusted, too."""

    def redirect_request(self, *_: Any) -> None:  # noqa: ANN401  (urllib's arguments)
        return None


def _first_bytes(remote: RemoteFile) -> tuple[int, bytes]:
    """Return the status and the first bytes that a server sends; a server that is busy is asked again."""
    address = remote.dataset.removeprefix("/vsicurl/")
    secure = urllib.request.HTTPSHandler(context=_certificates())
    opener = urllib.request.build_opener(_NoRedirects, secure)
    headers = {"Range": "bytes=0-15", "User-Agent": "napari-geolabel", **_login(urlsplit(address).hostname or "")}
    request = urllib.request.Request(address, headers=headers)  # noqa: S310  (http or https)
    reason = ""
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(_DELAY_S * attempt)
        try:
            with opener.open(request, timeout=_CONNECT_TIMEOUT_S) as answer:
                return answer.status, answer.read(16)
        except urllib.error.HTTPError as error:
            error.close()
            if 300 <= error.code < 400:
                _refuse_redirect(remote, error.headers.get("Location", ""))
            if error.code not in _TEMPORARY:
                return error.code, b""
            reason = f"the server says {error.code}"
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = remote.clean(str(getattr(error, "reason", error)) or type(error).__name__)
    raise SceneError(f"{remote.url} does not answer ({reason}); check the address and the connection") from None


def _refuse_redirect(remote: RemoteFile, location: str) -> None:
    target = urlsplit(location)
    where = f"{target.scheme}://{target.hostname}{target.path}" if target.hostname else target.path or "elsewhere"
    raise UnsafeFileError(
        f"{remote.url} leads to {where[:200]}, which is another address; open that one if you trust it, or download it"
    ) from None


def _login(host: str) -> dict[str, str]:
    """Return the header that logs in with what ``~/.netrc`` says of a host, as GDAL's curl does."""
    try:
        found = netrc.netrc().authenticators(host)
    except (OSError, netrc.NetrcParseError):
        return {}
    if found is None:
        return {}
    return {"Authorization": "Basic " + base64.b64encode(f"{found[0]}:{found[2]}".encode()).decode("ascii")}


def _certificates() -> ssl.SSLContext:
    """Return the authorities that the system trusts, and those that GDAL's curl comes with."""
    import certifi

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
