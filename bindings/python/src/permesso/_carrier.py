"""What of a program carries the packets of another radio."""

from ._ffi import HostLinkCarrier
from .errors import CarrierError


class GuardedCarrier(HostLinkCarrier):
    """An app's carrier, whatever it does: only `CarrierError` comes out of it."""

    def __init__(self, carrier: HostLinkCarrier) -> None:
        # The generated code sees this one alone.
        if not isinstance(carrier, HostLinkCarrier):
            raise TypeError(f"a HostLinkCarrier is required, not {type(carrier).__name__!r}")
        self._carrier = carrier

    def carry(self, packet: bytes) -> None:
        try:
            self._carrier.carry(packet)
        except CarrierError:
            raise
        except BaseException as failure:  # SystemExit too: it would end nothing, and the packet would count as carried.
            raise CarrierError.Gone(repr(failure)) from failure

    def closed(self) -> None:
        try:
            self._carrier.closed()
        except CarrierError:
            raise
        except BaseException as failure:
            raise CarrierError.Gone(repr(failure)) from failure
