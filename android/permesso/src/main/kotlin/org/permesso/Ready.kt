package org.permesso

import kotlinx.coroutines.delay
import org.permesso.ffi.PermessoException
import kotlin.time.Duration.Companion.seconds

/**
 * Does something with a host as soon as that is not paused and can store: asks again each second until then, for as long as it is not
 * cancelled. [onWait] is told each time why it waits.
 */
public suspend fun <T> whenReady(
    onWait: (PermessoException) -> Unit = {},
    action: suspend () -> T,
): T {
    while (true) {
        try {
            return action()
        } catch (pause: PermessoException.Paused) {
            onWait(pause)
        } catch (failure: PermessoException.StorageUnavailable) {
            onWait(failure)
        }
        delay(ASK_AGAIN)
    }
}

/** How soon a host that was not ready is asked again: it should not be noticed when the app comes back, and nobody shall wait for it. */
private val ASK_AGAIN = 1.seconds
