package org.permesso

/** Calls what Android has only from this API level on: whoever calls it looks at the level first. */
@Target(AnnotationTarget.CLASS)
@Retention(AnnotationRetention.BINARY)
internal annotation class Later(
    val level: Int,
)
