"""The errors of Permesso. The generated classes, in a form that type checkers follow."""

from typing import TYPE_CHECKING

from . import _ffi

if TYPE_CHECKING:

    class PermessoError(Exception):
        """Why something could not be done. The kind says what the user can do; `reason` says in plain English what is wrong."""

        reason: str
        InvalidInput: type["_InvalidInput"]
        NotFound: type["_NotFound"]
        NotNow: type["_NotNow"]
        NetworkUnavailable: type["_NetworkUnavailable"]
        KeyUnavailable: type["_KeyUnavailable"]
        StorageUnavailable: type["_StorageUnavailable"]
        Damaged: type["_Damaged"]
        TooNew: type["_TooNew"]
        AlreadyThere: type["_AlreadyThere"]
        WrongPassphrase: type["_WrongPassphrase"]
        Paused: type["_Paused"]
        Stopped: type["_Stopped"]
        TimedOut: type["_TimedOut"]
        Cancelled: type["_Cancelled"]
        System: type["_System"]
        Bug: type["_Bug"]

        def __init__(self, reason: str) -> None: ...

    class _InvalidInput(PermessoError): ...

    class _NotFound(PermessoError): ...

    class _NotNow(PermessoError): ...

    class _NetworkUnavailable(PermessoError): ...

    class _KeyUnavailable(PermessoError): ...

    class _StorageUnavailable(PermessoError): ...

    class _Damaged(PermessoError): ...

    class _TooNew(PermessoError): ...

    class _AlreadyThere(PermessoError): ...

    class _WrongPassphrase(PermessoError): ...

    class _Paused(PermessoError): ...

    class _Stopped(PermessoError): ...

    class _TimedOut(PermessoError): ...

    class _Cancelled(PermessoError): ...

    class _System(PermessoError): ...

    class _Bug(PermessoError): ...

    class KeyStoreError(Exception):
        """Why a key store does not answer."""

        Unavailable: type["_Unavailable"]

        def __init__(self, reason: str) -> None: ...

    class _Unavailable(KeyStoreError): ...

    class CarrierError(Exception):
        """Why a packet of a host link was not carried."""

        Gone: type["_Gone"]

        def __init__(self, reason: str) -> None: ...

    class _Gone(CarrierError): ...

    class ProgressError(Exception):
        Failed: type["_Failed"]

        def __init__(self, reason: str) -> None: ...

    class _Failed(ProgressError): ...

else:
    PermessoError = _ffi.PermessoError
    KeyStoreError = _ffi.KeyStoreError
    CarrierError = _ffi.CarrierError
    ProgressError = _ffi.ProgressError

    # People read the reason; the generated text is "reason='…'".
    for _error in (PermessoError, KeyStoreError, CarrierError, ProgressError):
        _error.__str__ = lambda self: self.reason
