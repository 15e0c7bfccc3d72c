package org.permesso.desktop

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import org.permesso.Departure
import org.permesso.Visibility
import org.permesso.ffi.PermessoException
import org.permesso.ui.AppState
import org.permesso.ui.Phase
import org.permesso.ui.PreferenceName
import org.permesso.ui.Saved
import org.permesso.ui.StartEvent
import org.permesso.ui.StartHolder
import org.permesso.ui.hasLeft
import java.io.File
import java.io.RandomAccessFile
import java.nio.file.Files
import java.util.concurrent.Executors
import kotlin.time.Duration.Companion.seconds

/** What the program finds in its folder when it starts, over the real core. */
internal class HomeTest {
    private val folder: File = Files.createTempDirectory("permesso-home").toFile()
    private val thread = Executors.newSingleThreadExecutor().asCoroutineDispatcher()

    @BeforeEach
    fun keepToItself() {
        File(folder, "config.toml").writeText("[network]\ninterfaces = [\"127.0.0.1\"]\n")
    }

    // Not JUnit's, which fails if a host that has just stopped writes a last file meanwhile.
    @AfterEach
    fun removeFolder() {
        thread.close()
        folder.deleteRecursively()
    }

    /** A start of the program, up to its end. */
    private fun run(steps: suspend (AppState, Home) -> Unit): Unit =
        runBlocking(thread) {
            val home = Home(folder)
            val scope = CoroutineScope(thread + Job())
            val platform = DesktopPlatform(home.preferences, { null }, {})
            val app = AppState(home, scope, platform, home.savedScreens())
            try {
                withTimeout(60.seconds) { steps(app, home) }
            } finally {
                home.saveScreens(app.save())
                (app.phase.value as? Phase.Live)?.permesso?.stop()
                scope.cancel()
            }
        }

    private suspend fun <T> StateFlow<T>.await(wanted: (T) -> Boolean): T = first(wanted)

    private fun begin(then: suspend (AppState, Home) -> Unit = { _, _ -> }) =
        run { app, home ->
            app.phase.await { it == Phase.FirstRun }
            app.begin("Ada", Visibility.NOBODY)
            app.phase.await { it is Phase.Live }
            then(app, home)
        }

    @Test
    fun `a home under a passphrase asks for it at every start, refuses a wrong one, and opens with the right one`() {
        begin { app, home ->
            app.drafts["Grace"] = "Half a thought"
            home.lock.change("correct horse battery")
        }
        run { app, _ ->
            app.phase.await { it == Phase.Locked }
            val holder = StartHolder(app, app.scope, Saved())
            holder.on(StartEvent.Passphrase("correct horse batterie"))
            holder.on(StartEvent.Unlock)
            holder.state.await { it.wrongPassphrase }
            assertEquals(Phase.Locked, app.phase.value)
            holder.on(StartEvent.Passphrase("correct horse battery"))
            holder.on(StartEvent.Unlock)
            val live = app.phase.await { it is Phase.Live } as Phase.Live
            assertEquals("Ada", live.permesso.settings().alias)
            assertEquals("Half a thought", app.drafts["Grace"])
            app.opener.lock?.change(null)
        }
        run { app, _ -> app.phase.await { it is Phase.Live } }
    }

    @Test
    fun `a right passphrase that is given twice at once opens the home once`() {
        begin { _, home -> home.lock.change("correct horse battery") }
        run { app, _ ->
            app.phase.await { it == Phase.Locked }
            val trying = Job()
            val holder = StartHolder(app, CoroutineScope(thread + trying), Saved())
            holder.on(StartEvent.Passphrase("correct horse battery"))
            repeat(2) { holder.on(StartEvent.Unlock) }
            trying.children.forEach { it.join() }
            val now = app.phase.await { it is Phase.Live || it is Phase.Stuck }
            assertTrue(now is Phase.Live, "$now")
        }
    }

    @Test
    fun `a draft is nowhere in clear in the folder`() {
        begin { app, _ -> app.drafts["Grace"] = "Half a thought" }
        val files = folder.walk().filter { it.isFile }.toList()
        assertTrue(files.any { it.name == "screens" })
        for (file in files) assertFalse("thought" in file.readText(Charsets.ISO_8859_1), file.name)
        run { app, _ ->
            app.phase.await { it is Phase.Live }
            assertEquals("Half a thought", app.drafts["Grace"])
        }
    }

    @Test
    fun `a database that is cut short is called damaged, and one can begin afresh`() {
        begin()
        RandomAccessFile(File(folder, "host/permesso.db"), "rw").use { it.setLength(5_000) }
        for (log in listOf("host/permesso.db-wal", "host/permesso.db-shm")) File(folder, log).delete()
        run { app, _ ->
            val stuck = app.phase.await { it is Phase.Stuck } as Phase.Stuck
            assertTrue(stuck.trouble is PermessoException.Damaged, "${stuck.trouble}")
            app.erase()
            app.phase.await { it == Phase.FirstRun }
            assertFalse(File(folder, "host").exists())
        }
    }

    @Test
    fun `a home whose key is gone says so and keeps its data, and opens when the key is back`() {
        begin()
        val key = File(folder, "keys/database")
        val kept = key.readBytes()
        key.delete()
        run { app, _ ->
            val stuck = app.phase.await { it is Phase.Stuck } as Phase.Stuck
            assertTrue(stuck.trouble is PermessoException.KeyUnavailable, "${stuck.trouble}")
            assertFalse(key.exists())
            withContext(thread) { key.writeBytes(kept) }
            app.open()
            app.phase.await { it is Phase.Live }
        }
    }

    @Test
    fun `parameters that cannot be read, and a folder that cannot be made, are told, and one can try again`() {
        begin()
        val config = File(folder, "config.toml")
        val text = config.readText()
        config.delete()
        config.mkdirs()
        run { app, _ ->
            val stuck = app.phase.await { it is Phase.Stuck } as Phase.Stuck
            assertTrue(stuck.trouble is PermessoException.InvalidInput && config.path in "${stuck.trouble.message}", "${stuck.trouble}")
            config.delete()
            config.writeText(text)
            StartHolder(app, app.scope, Saved()).on(StartEvent.Again)
            app.phase.await { it is Phase.Live }
        }
        File(folder, "host").deleteRecursively()
        File(folder, "host").writeText("")
        run { app, _ ->
            app.phase.await { it == Phase.FirstRun }
            app.begin("Ada", Visibility.NOBODY)
            val stuck = app.phase.await { it is Phase.Stuck } as Phase.Stuck
            assertTrue(stuck.trouble is PermessoException.StorageUnavailable && "host" in "${stuck.trouble.message}", "${stuck.trouble}")
        }
    }

    @Test
    fun `no host is made while what was chosen for it cannot be written, and trying again writes and makes it`() {
        val obstacle = File(folder, "preferences.new")
        obstacle.mkdirs()
        run { app, home ->
            app.phase.await { it == Phase.FirstRun }
            app.begin("Ada", Visibility.FRIENDS)
            repeat(2) {
                val stuck = app.phase.await { it is Phase.Stuck } as Phase.Stuck
                assertTrue(stuck.trouble is PermessoException.StorageUnavailable, "${stuck.trouble}")
                assertEquals(Visibility.FRIENDS, stuck.unkept)
                assertFalse(home.exists())
                if (it == 1) obstacle.delete()
                StartHolder(app, app.scope, Saved()).on(StartEvent.Again)
            }
            val live = app.phase.await { it is Phase.Live } as Phase.Live
            val settings = live.permesso.settings()
            assertEquals("Ada" to Visibility.FRIENDS, settings.alias to settings.visibility)
            assertNull(Home(folder).preferences[PreferenceName.CHOSEN_VISIBILITY])
        }
    }

    @Test
    fun `who has left the network is off it at the next start too, and an end of the program is no such wish`() {
        begin { app, _ ->
            app.present.await { it == true }
            app.leave()
            app.present.await { it == false }
        }
        run { app, home ->
            app.present.await { it == false }
            assertEquals(Departure(0u, 0u, 0u), app.leaving.value.left)
            app.start()
            app.present.await { it == true }
            assertFalse(home.preferences.hasLeft)
        }
        run { app, _ ->
            app.present.await { it == true }
            // As the window's closing does.
            (app.phase.value as Phase.Live).permesso.leave()
        }
        run { app, home ->
            app.present.await { it == true }
            app.leave()
            app.present.await { it == false }
            app.erase()
            app.phase.await { it == Phase.FirstRun }
            assertFalse(home.preferences.hasLeft)
        }
    }

    @Test
    fun `screens that cannot be read keep nobody from opening`() {
        begin()
        File(folder, "screens").apply { delete() }.mkdirs()
        assertNull(Home(folder).savedScreens())
    }

    @Test
    fun `what is erased leaves nothing of the account behind, and what the user wrote stays`() {
        begin { app, home ->
            home.preferences["language"] = "it"
            home.saveScreens(app.save())
            // As programs leave them that end in the middle of writing.
            for (half in listOf("screens.new", "preferences.new")) File(folder, half).writeText("half")
            assertTrue(File(folder, "host.generation").exists())
            app.erase()
            app.phase.await { it == Phase.FirstRun }
            assertEquals(listOf("config.toml"), folder.list().orEmpty().toList())
            assertNull(home.preferences["language"])
        }
    }

    @Test
    fun `a damaged home offers what can be read of it, and says where it lies`() {
        begin()
        RandomAccessFile(File(folder, "host/permesso.db"), "rw").use { it.setLength(it.length() - 4_096) }
        run { app, home ->
            app.phase.await { it is Phase.Stuck }
            val holder = StartHolder(app, app.scope, Saved())
            assertEquals(File(folder, "host").path, holder.state.value.place)
            val report = home.rescue { _, _ -> true }
            assertEquals(0uL, report.friends)
        }
    }
}
