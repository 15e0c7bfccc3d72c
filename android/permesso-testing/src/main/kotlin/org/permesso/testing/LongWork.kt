package org.permesso.testing

import kotlinx.coroutines.channels.Channel
import org.permesso.OnProgress
import org.permesso.ffi.PermessoException

/**
 * Something that takes long, such as an export, as a test lets it go on: it tells of nothing that the test does not say.
 *
 * @param total How much it is in all.
 */
public class LongWork(
    private val total: ULong,
) {
    private val steps = Channel<Step>(Channel.UNLIMITED)

    /** So much is done; with all of it, it ends. */
    public fun reach(done: ULong) {
        steps.trySend(Step.Reach(done))
    }

    /** It fails, as with a full disk. */
    public fun fail(exception: PermessoException) {
        steps.trySend(Step.Fail(exception))
    }

    /**
     * Goes through it up to its end.
     *
     * @throws PermessoException.Cancelled if [onProgress] says that it shall not go on.
     */
    public suspend fun follow(onProgress: OnProgress?) {
        for (step in steps) {
            when (step) {
                is Step.Fail -> {
                    throw step.exception
                }

                is Step.Reach -> {
                    val goesOn = onProgress == null || runCatching { onProgress(step.done, total) }.getOrDefault(false)
                    if (!goesOn) throw PermessoException.Cancelled("it was ended")
                    if (step.done >= total) return
                }
            }
        }
    }

    private sealed interface Step {
        class Reach(
            val done: ULong,
        ) : Step

        class Fail(
            val exception: PermessoException,
        ) : Step
    }
}
