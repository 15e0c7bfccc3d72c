"""Where the key of a host is kept."""

import os
import sys
import tempfile
from pathlib import Path

from ._ffi import KeyStore
from .errors import KeyStoreError


class FileKeyStore(KeyStore):
    """Keeps secrets in files that their owner alone may read: for desktops and servers without a keyring.

    Keep `directory` outside of backups.
    """

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self._directory = Path(directory)

    def load(self, name: str) -> bytes | None:
        try:
            return (self._directory / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as failure:
            raise KeyStoreError.Unavailable(str(failure)) from failure

    def save(self, name: str, secret: bytes) -> None:
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            # Made for its owner alone (0600), and whole before it has its name.
            descriptor, fresh = tempfile.mkstemp(prefix=name, suffix=".new", dir=self._directory)
            with open(descriptor, "wb") as file:
                file.write(secret)
                file.flush()
                os.fsync(file.fileno())
            os.replace(fresh, self._directory / name)
            sync_folder(self._directory)
        except OSError as failure:
            raise KeyStoreError.Unavailable(str(failure)) from failure


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable; Windows does so by itself."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class Guarded(KeyStore):
    """An app's key store, whatever it does: only bytes and `KeyStoreError` come out of it."""

    def __init__(self, store: KeyStore) -> None:
        self._store = store

    def load(self, name: str) -> bytes | None:
        try:
            secret = self._store.load(name)
            return None if secret is None else bytes(memoryview(secret))
        except KeyStoreError:
            raise
        except BaseException as failure:  # SystemExit too: it would end nothing, for this is a thread of the core's.
            raise KeyStoreError.Unavailable(repr(failure)) from failure

    def save(self, name: str, secret: bytes) -> None:
        try:
            self._store.save(name, secret)
        except KeyStoreError:
            raise
        except BaseException as failure:
            raise KeyStoreError.Unavailable(repr(failure)) from failure
