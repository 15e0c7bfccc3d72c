package org.permesso.app

import android.content.Context
import org.permesso.ui.Preferences

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

    /** Forgets all. */
    fun clear(): Unit = kept.edit().clear().apply()
}
