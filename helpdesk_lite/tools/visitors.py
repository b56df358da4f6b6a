"""Which network address a message through the public form is counted for. Plain Python without Odoo."""

import ipaddress

# Where a proxy in front of Odoo may be: this machine, private and carrier-grade networks, and their kin of IPv6.
# Written out, because what Python calls private differs between its versions.
INTERNAL = tuple(
    map(
        ipaddress.ip_network,
        (
            *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"),
            *("::1/128", "fc00::/7", "fe80::/10"),
        ),
    )
)
# the peer before Odoo believed its proxy, who set the headers
PEER = "werkzeug.proxy_fix.orig"


def find_visitor(environ):
    """Find the network address of the visitor who sent a request.

    Without the headers of a proxy, Odoo knows only its peer. If that is on this machine or in a private network, it is
    taken for a proxy, and all the world seems to come from there. The address that a trusted proxy names is a visitor's,
    wherever it is; but of several that it passes on, Odoo reads the last one, which may be that of another proxy.

    :param dict environ: of the request, as WSGI names it and Odoo has changed it
    :return: str, an IPv4 address or the /64 network of an IPv6 address; None when the visitor is not known

    >>> find_visitor({"REMOTE_ADDR": "192.0.2.7"}), find_visitor({"REMOTE_ADDR": "2001:db8::7:1:2:3"})
    ('192.0.2.7', '2001:db8::/64')
    >>> find_visitor({"REMOTE_ADDR": "127.0.0.1"}), find_visitor({"REMOTE_ADDR": "::ffff:10.0.0.9"}), find_visitor({})
    (None, None, None)

    Behind a proxy, a visitor in the office has a private address. A proxy behind another one has as well.

    >>> def by_proxy(address, forwarded):
    ...     return find_visitor({"REMOTE_ADDR": address, "HTTP_X_FORWARDED_FOR": forwarded, PEER: {"REMOTE_ADDR": "10.0.0.2"}})
    >>> by_proxy("10.0.0.9", "10.0.0.9"), by_proxy("10.0.0.2", None), by_proxy("10.0.0.9", "192.0.2.7, 10.0.0.9")
    ('10.0.0.9', None, None)
    >>> by_proxy("192.0.2.7", "192.0.2.66, 192.0.2.7")
    '192.0.2.7'
    """
    try:
        address = ipaddress.ip_address(environ.get("REMOTE_ADDR") or "")
    except ValueError:
        # a socket of the machine, or nonsense
        return None
    address = getattr(address, "ipv4_mapped", None) or address
    forwarded = environ.get("HTTP_X_FORWARDED_FOR") if environ.get(PEER) else None
    is_told = bool(forwarded and forwarded.strip()) and "," not in forwarded
    if not is_told and any(address in network for network in INTERNAL if network.version == address.version):
        return None
    if address.version == 6:
        # a subscriber can use every address of a /64 network
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def get_peer(environ):
    """Name the other end of the connection to Odoo, for the log.

    :param dict environ: of the request
    :return: str
    """
    return str((environ.get(PEER) or environ).get("REMOTE_ADDR") or "a socket")
