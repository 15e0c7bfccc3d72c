package org.permesso.desktop

import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.permesso.Friend
import org.permesso.FriendState
import org.permesso.ffi.PermessoException
import org.permesso.ui.Screen
import org.permesso.ui.words.EnglishStrings

/** What a desktop tells of while nobody looks at its window. */
internal class NewsTest {
    private fun friend(
        id: String,
        unread: UInt = 0u,
        state: FriendState = FriendState.FRIEND,
    ) = Friend(id, "Name of $id", "Name of $id", null, state, false, false, false, null, emptyList(), unread, false)

    @Test
    fun `what comes while nobody looks is told once, where it is seen or answered, and what is looked at or comes in quiet hours is not`() {
        var isWanted = true
        val told = mutableListOf<Triple<String, String, Screen>>()

        fun told() = told.toList().also { told.clear() }
        val asking = friend("linus", state = FriendState.REQUEST_RECEIVED)
        val friends =
            flow {
                emit(listOf(friend("grace", unread = 1u), friend("ada")))
                assertEquals(listOf(Triple("Name of grace", "1 new message", Screen.Conversation("grace"))), told())
                isWanted = false
                emit(listOf(friend("grace", unread = 2u), friend("ada"), asking))
                isWanted = true
                emit(listOf(friend("grace", unread = 2u), friend("ada"), asking))
                assertEquals(emptyList<Any>(), told())
                emit(listOf(friend("grace", unread = 3u), friend("ada"), asking, asking.copy(id = "margaret", name = "Margaret")))
                val both =
                    listOf(
                        Triple("Name of grace", "3 new messages", Screen.Conversation("grace")),
                        Triple("Margaret", "wants to be your friend", Screen.Person("margaret")),
                    )
                assertEquals(both, told())
                // The host ends: the screens say why, and the window stays.
                throw PermessoException.Stopped("the host has been stopped")
            }
        runBlocking { followNews(friends, { isWanted }) { told.add(Triple(it.name, EnglishStrings.news(it), it.place)) } }
        assertEquals(emptyList<Any>(), told())
    }
}
