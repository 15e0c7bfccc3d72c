package org.permesso.ui

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
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
import org.permesso.ffi.PermessoException
import java.io.File
import kotlin.io.path.createTempDirectory
import kotlin.random.Random
import kotlin.time.Duration.Companion.seconds

/** Export and import by the real core, as the page about the account does it. */
internal class RealExportTest {
    private val folder: File = createTempDirectory("permesso-export").toFile()
    private val loopback = Loopback()

    @AfterEach
    fun removeFolder() {
        folder.deleteRecursively()
    }

    private inner class Place(
        private val name: String,
        private val last: Int,
    ) : Opener {
        val home = File(folder, name)
        val keys = FileKeyStore(File(folder, "$name-keys"))

        override suspend fun exists() = File(home, "permesso.db").exists()

        override suspend fun open(
            alias: String,
            server: Boolean,
        ): Permesso = Permesso.open(PermessoConfig(home, name, keys, server, loopback.parameters(last, Loopback.CHEAP)))

        override suspend fun importAccount(
            file: File,
            passphrase: String,
            onProgress: OnProgress,
        ): AccountReport = Permesso.importAccount(file, passphrase, home, keys, onProgress)

        override suspend fun rescue(onFound: OnFound): RescueReport = Permesso.rescue(home, keys, onFound)

        override suspend fun erase() = error("not here")
    }

    /** Ada, who wrote so many messages to Grace, who is away. */
    private suspend fun ada(): Permesso {
        val ada = Place("Ada", 1).open("", false)
        val grace = Place("Grace", 2).open("", false)
        ada.start()
        grace.start()
        ada.nearby.first { hosts -> hosts.any { it.id == grace.id } }
        ada.askFriendship(grace.id)
        grace.friends.first { friends -> friends.any { it.state == FriendState.REQUEST_RECEIVED } }
        grace.acceptFriendship(ada.id)
        ada.friends.first { friends -> friends.any { it.state == FriendState.FRIEND } }
        grace.leave()
        grace.stop()
        // Long and of no pattern, so that the file is large.
        val letters = Random(1)
        repeat(MESSAGES) { number -> ada.send(grace.id, "Number $number " + String(CharArray(LENGTH) { 'a' + letters.nextInt(26) })) }
        return ada
    }

    /** Tells of each step before the page hears of it. */
    private class Watched(
        private val ada: Permesso,
        private val watch: (Int) -> Unit,
    ) : Permesso by ada {
        override suspend fun exportAccount(
            file: File,
            passphrase: String,
            onProgress: OnProgress?,
        ): AccountReport =
            ada.exportAccount(file, passphrase) { done, total ->
                watch(percent(done, total))
                checkNotNull(onProgress)(done, total)
            }
    }

    /** Exports as the page does: the steps of the core, and what the page shows in the end. At [end] per cent the user ends it. */
    private suspend fun exported(
        ada: Permesso,
        platform: TestPlatform,
        end: Int? = null,
    ): Pair<List<Int>, AccountState> {
        val scope = CoroutineScope(Dispatchers.Unconfined + Job())
        val steps = mutableListOf<Int>()
        lateinit var holder: AccountHolder
        val watched =
            Watched(ada) { percent ->
                steps.add(percent)
                if (end != null && percent >= end) holder.on(AccountEvent.CancelExport)
            }
        holder = AccountHolder(watched, scope, AppState(Place("Nobody", 3), scope, platform), Saved())
        holder.on(AccountEvent.Open(AccountState.Sheets.EXPORT))
        holder.on(AccountEvent.Passphrase(PASSPHRASE))
        holder.on(AccountEvent.Again(PASSPHRASE))
        holder.on(AccountEvent.Yes)
        val state = holder.state.first { it.percent == null }
        scope.cancel()
        return steps to state
    }

    /** Imports as the first page does: the steps of the core, what the page shows then, and the app. At [end] per cent the user ends it. */
    private suspend fun imported(
        place: Place,
        file: File,
        end: Int? = null,
    ): Triple<List<Int>, StartState, AppState> {
        val scope = CoroutineScope(Dispatchers.Unconfined + Job())
        val steps = mutableListOf<Int>()
        lateinit var holder: StartHolder
        val watched =
            object : Opener by place {
                override suspend fun importAccount(
                    file: File,
                    passphrase: String,
                    onProgress: OnProgress,
                ): AccountReport =
                    place.importAccount(file, passphrase) { done, total ->
                        steps.add(percent(done, total))
                        if (end != null && steps.last() >= end) holder.on(StartEvent.CancelImport)
                        onProgress(done, total)
                    }
            }
        val platform = TestPlatform()
        file.copyTo(File(platform.folder, "chosen"))
        val app = AppState(watched, scope, platform)
        holder = StartHolder(app, scope, Saved())
        holder.on(StartEvent.AskImport(true))
        holder.on(StartEvent.Passphrase(PASSPHRASE))
        holder.on(StartEvent.Import)
        return Triple(steps, holder.state.first { it.importing == null }, app)
    }

    @Test
    fun `the core tells of many steps, ends where the user says so without a file, and goes through otherwise`(): Unit =
        runBlocking {
            withTimeout(120.seconds) {
                val ada = ada()
                val platform = TestPlatform()
                val file = File(platform.folder, "permesso.account")
                val (begun, ended) = exported(ada, platform, end = 30)
                assertTrue(begun.last() in 30..99, "$begun")
                assertEquals(null to null, ended.trouble to ended.exported)
                assertFalse(file.exists())

                val (steps, done) = exported(ada, platform)
                assertTrue(steps.size > 20 && steps == steps.sorted() && steps.last() == 100, "$steps")
                assertEquals(MESSAGES.toULong(), done.exported?.messages)
                ada.stop()
                importAll(file, ada.id)
            }
        }

    /** Ended by the user, failing in the middle, and through. */
    private suspend fun importAll(
        file: File,
        ada: String,
    ) {
        val elsewhere = Place("Elsewhere", 4)
        val (begun, ended) = imported(elsewhere, file, end = 50)
        // It is told once for what 64 KiB of the file hold.
        assertTrue(begun.size > 4 && begun.dropLast(1).all { it < 50 } && begun.last() in 50..70, "$begun")
        assertEquals(null, ended.trouble)
        assertFalse(elsewhere.exists())

        val whole = file.readBytes()
        val changed = whole.clone().also { it[it.size * 6 / 10] = (it[it.size * 6 / 10] + 1).toByte() }
        // Of one that is cut off, what is there counts as all of it.
        for ((bytes, reached) in listOf(changed to 40..65, whole.copyOf(whole.size * 6 / 10) to 90..99)) {
            val damaged = File(folder, "damaged").apply { writeBytes(bytes) }
            val (steps, failed) = imported(elsewhere, damaged)
            assertTrue(steps.size > 4 && steps.last() in reached, "$steps")
            assertTrue(failed.trouble is PermessoException.Damaged, "${failed.trouble}")
            assertFalse(elsewhere.exists())
        }

        val (steps, _, app) = imported(elsewhere, file)
        assertTrue(steps.size > 10 && steps == steps.sorted() && steps.last() > 90, "$steps")
        app.awaitPhase { it is Phase.Live }
        val again = (app.phase.value as Phase.Live).permesso
        assertEquals(ada, again.id)
        val friend = again.friendList().single().id
        assertEquals(MESSAGES, again.messages(friend, limit = 1_000).size)
        again.stop()
    }

    private companion object {
        const val MESSAGES = 300
        const val LENGTH = 4_000
        const val PASSPHRASE = "four words are better"
    }
}
