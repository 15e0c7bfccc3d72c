package org.permesso.desktop

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.withContext
import org.permesso.Friend
import org.permesso.FriendState
import org.permesso.ffi.PermessoException
import org.permesso.ui.Screen
import org.permesso.ui.words.Strings
import java.io.File
import java.io.IOException

/** Something the user should be told while not looking. Who it is, not what was written: others may see the screen. */
internal sealed interface News {
    /** Whom it concerns. */
    val name: String

    /** Where it is seen, or answered. */
    val place: Screen

    /** There are new messages. */
    data class Messages(
        override val name: String,
        val count: Int,
        override val place: Screen,
    ) : News

    /** Somebody asks to be a friend. */
    data class Ask(
        override val name: String,
        override val place: Screen,
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
                    friend.state == FriendState.REQUEST_RECEIVED && friend.id !in asking -> {
                        News.Ask(friend.name, Screen.Person(friend.id))
                    }

                    friend.unread > (before[friend.id] ?: 0u) -> {
                        News.Messages(friend.name, friend.unread.toInt(), Screen.Conversation(friend.id))
                    }

                    else -> {
                        null
                    }
                }
            }
        unread = heard.associate { it.id to it.unread }
        asking = heard.filter { it.state == FriendState.REQUEST_RECEIVED }.mapTo(mutableSetOf()) { it.id }
        return news
    }
}

/** Tells what is new among friends as it comes, if [isWanted] then; what is not wanted is not told later either. */
internal suspend fun followNews(
    friends: Flow<List<Friend>>,
    isWanted: () -> Boolean,
    tell: (News) -> Unit,
) {
    val plan = NewsPlan()
    try {
        friends.collect { now -> plan.next(now).filter { isWanted() }.forEach(tell) }
    } catch (_: PermessoException) {
        // There are no more news; why, the screens say, which follow the same list.
    }
}

/** News as a sentence beside the name. */
internal fun Strings.news(news: News): String =
    when (news) {
        is News.Messages -> desktopNewMessages(news.count)
        is News.Ask -> desktopAsksYou
    }

/** Tells by the program that the desktops of Linux have for it, where there is no tray. */
internal class NotifySend private constructor(
    private val program: File,
) : AutoCloseable {
    private var waiting: Process? = null

    /** Tells it; true once the user touches it, for which it waits until the next is told. What can be done with it is called [touch]. */
    suspend fun tell(
        title: String,
        text: String,
        touch: String,
    ): Boolean {
        close()
        // After `--` nothing of it is taken for an option. It may be marked up in some desktops, so it must not look so.
        val plain = listOf("--app-name=Permesso", "--") + listOf(title, text).map { it.replace("&", "&amp;").replace("<", "&lt;") }
        val call = start(listOf("--action=$TOUCHED=$touch") + plain) ?: return false
        waiting = call
        val (said, code) = withContext(Dispatchers.IO) { said(call) to call.waitFor() }
        // Older ones know no actions.
        if (code == UNKNOWN_OPTION && waiting === call) start(plain)
        return said.trim() == TOUCHED
    }

    /** What is shown stays; a touch on it is not waited for any more. */
    override fun close() {
        waiting?.destroy()
        waiting = null
    }

    private fun start(arguments: List<String>): Process? =
        try {
            ProcessBuilder(listOf(program.path) + arguments).redirectError(ProcessBuilder.Redirect.DISCARD).start()
        } catch (failure: IOException) {
            System.err.println("permesso: $failure")
            null
        }

    private fun said(process: Process): String =
        try {
            process.inputStream.bufferedReader().readText()
        } catch (_: IOException) {
            // It was ended meanwhile.
            ""
        }

    /** Looking for it. */
    companion object {
        private const val PROGRAM = "notify-send"

        /** As desktops call what a touch on the whole does. */
        private const val TOUCHED = "default"

        private const val UNKNOWN_OPTION = 1

        /** Null where it is not. */
        fun ifThere(path: String? = System.getenv("PATH")): NotifySend? =
            path
                .orEmpty()
                .split(File.pathSeparatorChar)
                .map { File(it, PROGRAM) }
                .firstOrNull { it.canExecute() }
                ?.let(::NotifySend)
    }
}
