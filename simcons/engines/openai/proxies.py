"""The proxy that the environment names for a server: ``http_proxy``, ``https_proxy``, ``no_proxy``, in either case."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

SPOKEN = ("http", "https")  # to a proxy


def proxy_for(base: SplitResult) -> str | None:
    """The URL of the proxy for ``base``; None where there is none, and always for this machine itself.

    Raises ValueError, without a password in it, for one that cannot be used.
    """
    host = base.hostname or ""
    proxy = None if is_loopback(host) or proxy_bypass(base.netloc) else getproxies().get(base.scheme)
    if not proxy:
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    parts = urlsplit(proxy)
    if parts.scheme not in SPOKEN or not parts.hostname:
        shown = f"{parts.scheme}://{parts.hostname or ''}"
        raise ValueError(
            f"{base.scheme}_proxy {shown!r} is no proxy that can be used; expected one such as 'http://host:3128'"
        )
    return proxy


def is_loopback(host: str) -> bool:
    """True if ``host`` is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
