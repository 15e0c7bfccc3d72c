"""What has to be done so that programs and event loops may end at any moment."""

import asyncio
from contextlib import suppress
from typing import Any

from ._ffi import permesso as generated


@generated._UNIFFI_RUST_FUTURE_CONTINUATION_CALLBACK  # type: ignore[untyped-decorator]
def _on_answer(handle: int, code: int) -> None:
    waiting: tuple[asyncio.AbstractEventLoop, asyncio.Future[Any]]
    waiting = generated._UniffiContinuationHandleMap.remove(handle)  # type: ignore[no-untyped-call]
    loop, future = waiting
    # A loop that is closed meanwhile: nobody waits any more.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(generated._uniffi_set_future_result, future, code)


# As the generated one, which would print a stack trace then.
generated._uniffi_continuation_callback = _on_answer
