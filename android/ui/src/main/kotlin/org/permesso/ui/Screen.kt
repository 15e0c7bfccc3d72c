package org.permesso.ui

/** A place in the app. All that a screen shows follows from this and from the host. */
sealed interface Screen {
    /** Friends, those who ask, and who is here: where everything begins. */
    data object People : Screen

    /** Everything else the app can do. */
    data object More : Screen

    /** Search by a part of an alias. */
    data object Find : Screen

    /** What is known about somebody. */
    data class Person(
        val host: String,
    ) : Screen

    /** The code that others scan. */
    data object MyCode : Screen

    /** Takes in somebody's code. A [code] that came from outside waits to be looked at. */
    data class Scan(
        val code: String? = null,
    ) : Screen

    /** The messages with a friend; at the one of that id, if somebody looked for it. */
    data class Conversation(
        val friend: String,
        val message: String? = null,
    ) : Screen

    /** Search in messages. */
    data object SearchMessages : Screen

    /** Why can't I see anybody? */
    data object Doctor : Screen

    /** What can be set. */
    data object Settings : Screen

    /** Export, import, passphrase, erasing. */
    data object Account : Screen

    /** What happened that the user should know. */
    data object Notices : Screen

    /** What is promised and what is not. */
    data object About : Screen

    /** The licences of what the app is made of. */
    data object Licences : Screen

    /** Gives the app to a neighbour. */
    data object PassOn : Screen

    /** How a screen is written down. */
    companion object {
        private val single =
            listOf(People, More, Find, MyCode, SearchMessages, Doctor, Settings, Account, Notices, About, Licences, PassOn)
                .associateBy { it.toString() }

        internal fun name(screen: Screen): List<String> =
            when (screen) {
                is Person -> listOf("Person", screen.host)
                is Conversation -> listOfNotNull("Conversation", screen.friend, screen.message)
                is Scan -> listOfNotNull("Scan", screen.code)
                else -> listOf(screen.toString())
            }

        /** Null for what a later version wrote. */
        internal fun named(names: List<String>): Screen? {
            val argument = names.getOrNull(1)
            return when (val name = names.firstOrNull()) {
                "Person" -> argument?.let(::Person)
                "Conversation" -> argument?.let { Conversation(it, names.getOrNull(2)) }
                "Scan" -> Scan(argument)
                else -> single[name]
            }
        }
    }
}

/** Whether somebody who wants this one has it there: a conversation also where a message of it was looked for. */
internal fun Screen.isShownBy(open: Screen): Boolean =
    open == this || (this is Screen.Conversation && message == null && isOneConversationWith(open))

/** Whether both are the conversation with one friend. */
internal fun Screen.isOneConversationWith(other: Screen): Boolean =
    this is Screen.Conversation && other is Screen.Conversation && friend == other.friend
