package org.permesso

import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder

internal class NotificationAnswersTest {
    @get:Rule
    val folder = TemporaryFolder()

    @After
    fun forget() {
        NotificationAnswers.host = null
    }

    @Test
    fun `an answer that nobody can take, or to nobody, is told as not sent`(): Unit =
        runBlocking {
            val answer = NotificationAnswer.Reply("00000000-0000-4000-8000-000000000000", "eccomi")
            assertFalse(NotificationAnswers.perform(answer))
            NotificationAnswers.host = { null }
            assertFalse(NotificationAnswers.perform(answer))
            Permesso.open(PermessoConfig(folder.newFolder(), "Ada", FileKeyStore(folder.newFolder()))).use { host ->
                NotificationAnswers.host = { host }
                assertFalse(NotificationAnswers.perform(answer))
                assertFalse(NotificationAnswers.perform(NotificationAnswer.MarkRead("nobody")))
            }
        }

    @Test
    fun `an answer that the host took is sent, whatever becomes of what it answers`(): Unit =
        runBlocking {
            Permesso.open(PermessoConfig(folder.newFolder(), "Ada", FileKeyStore(folder.newFolder()))).use { host ->
                // To nobody the real one sends nothing; that it cannot mark it is its own word.
                val taking =
                    object : Permesso by host {
                        override suspend fun send(
                            friend: String,
                            text: String,
                        ) = text
                    }
                NotificationAnswers.host = { taking }
                assertTrue(NotificationAnswers.perform(NotificationAnswer.Reply("nobody", "eccomi")))
            }
        }
}
