package org.permesso.ui

import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.assertIsDisplayed
import androidx.compose.ui.test.hasScrollToIndexAction
import androidx.compose.ui.test.hasText
import androidx.compose.ui.test.onNodeWithContentDescription
import androidx.compose.ui.test.onNodeWithText
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performScrollTo
import androidx.compose.ui.test.performScrollToIndex
import androidx.compose.ui.test.performTextInput
import androidx.compose.ui.test.runSkikoComposeUiTest
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.permesso.AccountReport
import org.permesso.FileKeyStore
import org.permesso.FriendState
import org.permesso.Loopback
import org.permesso.OnFound
import org.permesso.OnProgress
import org.permesso.Permesso
import org.permesso.PermessoConfig
import org.permesso.RescueReport
import org.permesso.ui.words.EnglishStrings
import java.io.File
import java.io.RandomAccessFile
import java.nio.file.Files.createTempDirectory
import kotlin.time.Duration.Companion.seconds

/** The screens over the real core. */
@OptIn(ExperimentalTestApi::class)
internal class LiveTest {
    private val folder: File = createTempDirectory("permesso-live").toFile()
    private val loopback = Loopback()

    @AfterEach
    fun removeFolder() {
        folder.deleteRecursively()
    }

    /** A host on 127.0.0.[last]. */
    private inner class Place(
        private val name: String,
        private val last: Int,
    ) : Opener {
        private val keyStore = LockedKeyStore(FileKeyStore(File(folder, "$name-keys")))
        override val lock = keyStore
        private val parameters =
            loopback.parameters(last, Loopback.CHEAP + "[messages]\noutbox_max = 20000\nmarks_max = 30000\nhistory_max = 20000\n")

        override suspend fun exists() = File(folder, "$name/permesso.db").exists()

        override suspend fun open(
            alias: String,
            server: Boolean,
        ): Permesso = Permesso.open(PermessoConfig(File(folder, name), name, keyStore, server, parameters))

        override suspend fun importAccount(
            file: File,
            passphrase: String,
            onProgress: OnProgress,
        ): AccountReport = error("not here")

        override suspend fun rescue(onFound: OnFound): RescueReport = Permesso.rescue(File(folder, name), keyStore, onFound)

        override suspend fun erase() = error("not here")
    }

    /** Ada, whose friend Grace was here and is away; [prepare] does the rest. */
    private fun withAda(
        prepare: suspend (Permesso, String) -> Unit = { _, _ -> },
        steps: SkikoComposeUiTest.(AppState, String) -> Unit,
    ) {
        val place = Place("Ada", 1)
        // What is written meanwhile takes as long as the disk does.
        val grace =
            runBlocking {
                place.open("", false).use { ada ->
                    val grace = withTimeout(PATIENCE) { befriended(ada) }
                    prepare(ada, grace)
                    grace
                }
            }
        runSkikoComposeUiTest(PHONE) {
            val scope = CoroutineScope(Dispatchers.Main + Job())
            val app = AppState(place, scope, TestPlatform())
            setContent { PermessoApp(app, EnglishStrings, dark = false) }
            waitUntil(PATIENCE.inWholeMilliseconds) { app.phase.value is Phase.Live }
            steps(app, grace)
            runBlocking { (app.phase.value as Phase.Live).permesso.stop() }
            scope.cancel()
        }
    }

    /** Grace's id: the two became friends, and she left. */
    private suspend fun befriended(ada: Permesso): String =
        Place("Grace", 2).open("", false).use { grace ->
            ada.start()
            grace.start()
            ada.nearby.first { hosts -> hosts.any { it.id == grace.id } }
            ada.askFriendship(grace.id)
            grace.friends.first { friends -> friends.any { it.state == FriendState.REQUEST_RECEIVED } }
            grace.acceptFriendship(ada.id)
            ada.friends.first { friends -> friends.any { it.state == FriendState.FRIEND } }
            grace.leave()
            grace.id
        }

    private fun SkikoComposeUiTest.awaits(text: String) {
        waitUntil(PATIENCE.inWholeMilliseconds) {
            onAllNodes(hasText(text, substring = true)).fetchSemanticsNodes().any { !it.boundsInRoot.isEmpty }
        }
    }

    private fun withScreens(
        place: Place,
        platform: Platform = TestPlatform(),
        steps: SkikoComposeUiTest.() -> Unit,
    ): Unit =
        runSkikoComposeUiTest(PHONE) {
            val scope = CoroutineScope(Dispatchers.Main + Job())
            val app = AppState(place, scope, platform)
            setContent { PermessoApp(app, EnglishStrings, dark = false) }
            steps()
            runBlocking { (app.phase.value as? Phase.Live)?.permesso?.stop() }
            scope.cancel()
        }

    @Test
    fun `a host under a passphrase asks for it, says that a wrong one is wrong, and opens with the right one`() {
        val place = Place("Ada", 1)
        runBlocking {
            place.open("", false).stop()
            place.lock.change("correct horse battery")
        }
        withScreens(Place("Ada", 1)) {
            awaits("Your passphrase opens the data")
            onNodeWithContentDescription("Passphrase").performTextInput("correct horse batterie")
            onNodeWithText("Unlock").performClick()
            awaits("That is not the passphrase")
            onNodeWithContentDescription("Passphrase").performTextInput("correct horse battery")
            onNodeWithText("Unlock").performClick()
            awaits("Nobody yet")
        }
    }

    @Test
    fun `a database that is cut short, and a key that is gone, are told in plain words`() {
        val place = Place("Ada", 1)
        runBlocking { place.open("", false).stop() }
        val keys = File(folder, "Ada-keys")
        val away = File(folder, "away")
        assertTrue(keys.renameTo(away))
        withScreens(Place("Ada", 1)) {
            awaits(EnglishStrings.troubleKey)
            awaits("Start afresh")
            assertTrue(away.renameTo(keys))
            onNodeWithText("Try again").performClick()
            awaits("Nobody yet")
        }
        RandomAccessFile(File(folder, "Ada/permesso.db"), "rw").use { it.setLength(5_000) }
        listOf("wal", "shm").forEach { File(folder, "Ada/permesso.db-$it").delete() }
        withScreens(Place("Ada", 1)) {
            awaits(EnglishStrings.troubleDamaged)
            awaits("Start afresh")
        }
    }

    @Test
    fun `of data that is damaged what can be read is written into a file, and the data stays as it is`() {
        val place = Place("Ada", 1)
        runBlocking {
            place.open("", false).use { ada ->
                val grace = withTimeout(PATIENCE) { befriended(ada) }
                repeat(60) { ada.send(grace, "Letter $it") }
            }
        }
        val database = File(folder, "Ada/permesso.db")
        val rest = database.readBytes().let { it.copyOf(it.size - PAGE) }
        database.writeBytes(rest)
        val platform = TestPlatform()
        withScreens(Place("Ada", 1), platform) {
            awaits(EnglishStrings.troubleDamaged)
            onNodeWithText("Rescue what can be read").performScrollTo().performClick()
            awaits("friends and contacts: 1")
            onNodeWithText("Try again").performScrollTo().performClick()
            awaits(EnglishStrings.troubleDamaged)
        }
        val text = File(platform.folder, "permesso-rescued.txt").readLines()
        assertTrue(text.any { it.startsWith("Grace (friend): permesso:") }, "$text")
        assertTrue(text.count { "Me to Grace: Letter" in it } in 10..60, "$text")
        assertArrayEquals(rest, database.readBytes())
    }

    @Test
    fun `what is written to who is away is the last line of that friend at once`(): Unit =
        withAda { app, _ ->
            awaits("Grace")
            onNodeWithText("Grace").performClick()
            awaits("No messages yet")
            onNodeWithContentDescription("Write here").performTextInput("See you at eight")
            onNodeWithContentDescription("Send").performClick()
            awaits("See you at eight")
            app.back()
            awaits("Waiting: See you at eight")
        }

    @Test
    fun `of ten thousand messages the one that was looked for is opened in its place, and older and newer ones stand around it`(): Unit =
        withAda({ ada, grace -> write(ada, grace) }) { app, _ ->
            app.show(Screen.SearchMessages)
            awaits("Search messages")
            onNodeWithContentDescription("A word of a message").performTextInput("sought")
            awaits("Number $SOUGHT, sought")
            onNodeWithText("Number $SOUGHT, sought").performClick()
            waitUntil(PATIENCE.inWholeMilliseconds) {
                app.stack.value
                    .last()
                    .saved["reached"] != null
            }
            for (near in SOUGHT - 1..SOUGHT + 1) onNode(hasText("Number $near,", substring = true)).assertIsDisplayed()
            onNode(hasText("found, You, Number $SOUGHT", substring = true)).assertIsDisplayed()
            val shown = { app.holderOf<ConversationHolder>().state.value }
            assertTrue(shown().messages.size in MESSAGES - SOUGHT..MESSAGES - SOUGHT + 2_000, "${shown().messages.size}")
            // Down to the newest, and up to the very first.
            onNode(hasScrollToIndexAction()).performScrollToIndex(0)
            awaits("Number ${MESSAGES - 1},")
            while (shown().hasOlder) {
                val before = shown().messages.size
                onNode(hasScrollToIndexAction()).performScrollToIndex(before)
                waitUntil(PATIENCE.inWholeMilliseconds) { shown().messages.size > before || !shown().hasOlder }
            }
            assertEquals(
                List(MESSAGES) { it },
                shown().messages.map {
                    it.text
                        .substringAfter(' ')
                        .substringBefore(',')
                        .toInt()
                },
            )
        }

    private suspend fun write(
        ada: Permesso,
        grace: String,
    ) {
        for (number in 0 until MESSAGES) ada.send(grace, "Number $number, ${if (number == SOUGHT) "sought" else "of many"}")
    }

    private companion object {
        const val MESSAGES = 10_000
        const val SOUGHT = 4_321

        /** Bytes of SQLite's pages. */
        const val PAGE = 4_096

        /** How long anything may take on a busy machine. */
        val PATIENCE = 120.seconds
    }
}
