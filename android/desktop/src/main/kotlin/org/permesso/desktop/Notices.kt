package org.permesso.desktop

import org.permesso.Friend
import org.permesso.FriendState
import java.io.IOException

/** Something the user should be told while not looking. Who it is, not what was written: others may see the screen. */
internal sealed interface News {
    /** Whom it concerns. */
    val name: String

    /** There are new messages. */
    data class Messages(
        override val name: String,
        val count: Int,
    ) : News

    /** Somebody asks to be a friend. */
    data class Ask(
        override val name: String,
    ) : News
}

/** Finds what is new between one list of friends and the next. */
internal class NewsPlan {
    private var unread: Map<String, UInt>? = null
    private var asking: Set<String> = emptySet()

    /** What came since the last call; of what was there before the first one only that it waits. */
    fun next(friends: List<Friend>): List<News> {
        val before = unread.orEmpty()
        val heard = friends.filter { !it.blocked }
        val news =
            heard.mapNotNull { friend ->
                when {
                    friend.state == FriendState.REQUEST_RECEIVED && friend.id !in asking -> News.Ask(friend.name)
                    friend.unread > (before[friend.id] ?: 0u) -> News.Messages(friend.name, friend.unread.toInt())
                    else -> null
                }
            }
        unread = heard.associate { it.id to it.unread }
        asking = heard.filter { it.state == FriendState.REQUEST_RECEIVED }.mapTo(mutableSetOf()) { it.id }
        return news
    }
}

/** Tells by the program that the desktops of Linux have for it, where there is no tray. */
internal class NotifySend private constructor() {
    fun tell(
        title: String,
        text: String,
    ) {
        try {
            // After `--` nothing of it is taken for an option. It may be marked up in some desktops, so it must not look so.
            val plain = listOf(title, text).map { it.replace("&", "&amp;").replace("<", "&lt;") }
            ProcessBuilder(listOf(PROGRAM, "--app-name=Permesso", "--") + plain)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
        } catch (failure: IOException) {
            System.err.println("permesso: $failure")
        }
    }

    /** Looking for it. */
    companion object {
        private const val PROGRAM = "notify-send"

        /** Null where it is not. */
        fun ifThere(path: String? = System.getenv("PATH")): NotifySend? =
            path
                .orEmpty()
                .split(java.io.File.pathSeparatorChar)
                .any { java.io.File(it, PROGRAM).canExecute() }
                .let { if (it) NotifySend() else null }
    }
}
