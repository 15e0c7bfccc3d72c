package org.permesso.ui

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.launch
import org.permesso.ffi.PermessoException
import org.permesso.whenReady
import java.io.IOException

/** Does something that the host may refuse, or the place of a file: a card that was taken out, another app's folder. */
internal fun CoroutineScope.attempt(
    onTrouble: (PermessoException) -> Unit,
    action: suspend () -> Unit,
): Job = launch { told(onTrouble, action) }

/** Follows a flow of the host. What ends it is told; what fails when an element is taken is too, and does not end it. */
internal fun <T> CoroutineScope.follow(
    flow: Flow<T>,
    onTrouble: (PermessoException) -> Unit,
    take: suspend (T) -> Unit,
): Job =
    launch {
        told(onTrouble) {
            // A list that stays as it is comes once alone: what could not be taken in time must be taken later.
            flow.collect { element -> told(onTrouble) { whenReady { take(element) } } }
        }
    }

private suspend fun told(
    onTrouble: (PermessoException) -> Unit,
    action: suspend () -> Unit,
) {
    try {
        action()
    } catch (trouble: PermessoException) {
        onTrouble(trouble)
    } catch (trouble: IOException) {
        onTrouble(PermessoException.StorageUnavailable(trouble.message ?: trouble.toString()))
    }
}
