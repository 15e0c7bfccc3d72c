package org.permesso.ui

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.launch
import org.permesso.ffi.PermessoException
import java.io.IOException

/** Does something that the host may refuse, or the place of a file: a card that was taken out, another app's folder. */
internal fun CoroutineScope.attempt(
    onTrouble: (PermessoException) -> Unit,
    action: suspend () -> Unit,
) {
    launch {
        try {
            action()
        } catch (trouble: PermessoException) {
            onTrouble(trouble)
        } catch (trouble: IOException) {
            onTrouble(PermessoException.StorageUnavailable(trouble.message ?: trouble.toString()))
        }
    }
}

/** Follows a flow of the host; what ends it is told. */
internal fun <T> CoroutineScope.follow(
    flow: Flow<T>,
    onTrouble: (PermessoException) -> Unit,
    take: suspend (T) -> Unit,
): Job =
    launch {
        flow.catch { if (it is PermessoException) onTrouble(it) else throw it }.collect { take(it) }
    }
