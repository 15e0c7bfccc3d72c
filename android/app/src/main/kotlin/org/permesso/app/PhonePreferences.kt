package org.permesso.app

import android.content.Context
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.permesso.ui.Preferences
import java.io.IOException

/** Small choices, in Android's own place for them. */
internal class PhonePreferences(
    context: Context,
) : Preferences {
    private val kept = context.getSharedPreferences("choices", Context.MODE_PRIVATE)

    override fun get(name: String): String? = kept.getString(name, null)

    override fun set(
        name: String,
        value: String?,
    ): Unit = kept.edit().putString(name, value).apply()

    override suspend fun keep(
        name: String,
        value: String,
    ): Unit =
        withContext(Dispatchers.IO) {
            val before = get(name)
            if (!kept.edit().putString(name, value).commit()) {
                // It counts in this process already.
                set(name, before)
                throw IOException("what was chosen cannot be written")
            }
        }

    /** Whether the host is to be there while nobody looks, as far as anybody has said: not after quitting, nor off the network. */
    var runs: Boolean
        get() = get(RUNS) != null
        set(value) = set(RUNS, "yes".takeIf { value })

    /** Forgets all. */
    fun clear(): Unit = kept.edit().clear().apply()

    private companion object {
        const val RUNS = "runs"
    }
}
