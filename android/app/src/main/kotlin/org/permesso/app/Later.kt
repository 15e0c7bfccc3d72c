package org.permesso.app

/** Marks what is called only where Android is at least of that level; tells animal-sniffer so. */
@Retention(AnnotationRetention.BINARY)
@Target(AnnotationTarget.CLASS)
internal annotation class Later(
    val level: Int,
)
