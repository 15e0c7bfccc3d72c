package org.permesso.desktop

import java.io.File

/** What the program was called with. */
internal sealed interface Arguments {
    /** Open the window. */
    data class Open(
        val folder: File?,
        val uri: String? = null,
    ) : Arguments

    /** Say how it is called. */
    data object Help : Arguments

    /** Say which version it is. */
    data object Version : Arguments

    /** It was called in a way that means nothing. */
    data class Wrong(
        val argument: String,
    ) : Arguments

    /** Reading them. */
    companion object {
        /** How a link begins. */
        const val SCHEME = "permesso:"

        /** Characters: more than a code has, so that the core says of a longer one what is wrong. */
        const val LINK_MAX = 2_048

        fun of(arguments: List<String>): Arguments {
            var open = Open(null)
            val rest = arguments.iterator()
            while (rest.hasNext()) {
                val argument = rest.next()
                open =
                    when {
                        argument == "--help" || argument == "-h" -> return Help

                        argument == "--version" -> return Version

                        argument == "--folder" && rest.hasNext() -> open.copy(folder = File(rest.next()).absoluteFile)

                        argument.startsWith("--folder=") -> open.copy(folder = File(argument.removePrefix("--folder=")).absoluteFile)

                        // As a desktop calls what is registered for such links.
                        argument.startsWith(SCHEME, ignoreCase = true) -> open.copy(uri = argument.take(LINK_MAX))

                        else -> return Wrong(argument)
                    }
            }
            return open
        }
    }
}
