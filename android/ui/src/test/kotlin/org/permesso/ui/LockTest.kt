package org.permesso.ui

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir
import org.permesso.FileKeyStore
import org.permesso.KeyStore
import org.permesso.ffi.KeyStoreException
import java.io.File

/** Secrets under a passphrase, and drafts under a secret. */
internal class LockTest {
    @TempDir
    lateinit var folder: File

    private val secret = ByteArray(32) { (it * 7).toByte() }

    private fun store() = LockedKeyStore(FileKeyStore(folder))

    private fun File.holds(bytes: ByteArray): Boolean =
        walk().filter { it.isFile }.any { file ->
            file
                .readBytes()
                .toList()
                .windowed(bytes.size)
                .any { it == bytes.toList() }
        }

    @Test
    fun `under a passphrase no secret stands in a file, and the right passphrase alone gives it back`(): Unit =
        runBlocking {
            store().save("database", secret)
            assertTrue(folder.holds(secret))
            store().change("correct horse battery")
            assertFalse(folder.holds(secret))
            val later = store()
            assertTrue(later.isLocked() && later.isSet())
            assertThrows<KeyStoreException> { later.load("database") }
            assertThrows<KeyStoreException> { later.save("other", secret) }
            assertFalse(later.unlock("correct horse batterY"))
            assertTrue(later.isLocked())
            assertTrue(later.unlock("correct horse battery"))
            assertArrayEquals(secret, later.load("database"))
            later.save("other", secret)
            assertFalse(folder.holds(secret))
        }

    @Test
    fun `a passphrase is changed and taken away`(): Unit =
        runBlocking {
            val store = store()
            store.save("database", secret)
            store.change("correct horse battery")
            store.change("perché no, città")
            assertFalse(store().unlock("correct horse battery"))
            // However a keyboard writes accents.
            assertTrue(store().unlock("perche\u0301 no, citta\u0300"))
            store.change(null)
            val later = store()
            assertFalse(later.isLocked() || later.isSet())
            assertArrayEquals(secret, later.load("database"))
            assertTrue(folder.holds(secret))
        }

    @Test
    fun `an end in the middle of it, wherever that is, loses nothing`(): Unit =
        runBlocking {
            for (wanted in listOf("correct horse battery", null)) {
                for (lasts in 0..3) {
                    val kept = File(folder, "$wanted $lasts")
                    LockedKeyStore(FileKeyStore(kept)).apply {
                        save("database", secret)
                        save("screens", secret)
                        if (wanted == null) change("an earlier passphrase")
                    }
                    val ending = LockedKeyStore(Ending(FileKeyStore(kept), lasts))
                    ending.unlock("an earlier passphrase")
                    runCatching { ending.change(wanted) }
                    val later = LockedKeyStore(FileKeyStore(kept))
                    val opens = !later.isLocked() || later.unlock("correct horse battery") || later.unlock("an earlier passphrase")
                    assertTrue(opens, "$wanted, $lasts")
                    for (name in listOf("database", "screens")) assertArrayEquals(secret, later.load(name), "$wanted, $lasts")
                }
            }
        }

    /** The program ends after so many writings. */
    private class Ending(
        private val kept: KeyStore,
        private var lasts: Int,
    ) : KeyStore {
        override fun load(name: String) = kept.load(name)

        override fun save(
            name: String,
            secret: ByteArray,
        ) {
            if (lasts-- <= 0) throw KeyStoreException.Unavailable("the end")
            kept.save(name, secret)
        }
    }

    @Test
    fun `drafts are sealed, come back after the passphrase alone, and are kept while it is asked for`(): Unit =
        runBlocking {
            val world = World()
            val store = store()
            world.opener.lock = store
            world.opener.seal = TextSeal(store)
            world.dieAndComeBack()
            world.app.drafts["Grace"] = "Half a thought"
            world.app.show(Screen.Settings)
            store.change("correct horse battery")
            val saved = world.app.save()
            assertFalse("Half" in saved || "Settings" in saved, saved)
            assertEquals(saved, world.app.save())

            val locked = store()
            world.opener.lock = locked
            world.opener.seal = TextSeal(locked)
            world.opener.opened?.close()
            val app = AppState(world.opener, world.scope, world.platform, saved)
            val holder = StartHolder(app, world.scope, Saved())
            app.awaitPhase { it == Phase.Locked }
            assertNull(app.drafts["Grace"])
            assertEquals(saved, app.save())
            holder.on(StartEvent.Passphrase("something else"))
            holder.on(StartEvent.Unlock)
            holder.state.awaitOne { it.wrongPassphrase }
            holder.on(StartEvent.Passphrase("correct horse battery"))
            holder.on(StartEvent.Unlock)
            app.awaitPhase { it is Phase.Live }
            assertEquals("Half a thought", app.drafts["Grace"])
            assertEquals(
                Screen.Settings,
                app.stack.value
                    .last()
                    .screen,
            )
        }

    @Test
    fun `what was kept in clear by an earlier version is still read, and what is none of ours begins afresh`() {
        val world = World()
        val clear = world.app.apply { drafts["Grace"] = "Half" }.save()
        world.opener.seal = TextSeal(store())
        world.opener.opened?.close()
        assertEquals("Half", AppState(world.opener, world.scope, world.platform, clear).drafts["Grace"])
        for (foreign in listOf("permesso-sealed-1 ", "permesso-sealed-1 !", "permesso-sealed-1 AAAA", "something else", "")) {
            assertNull(TextSeal(store()).open(foreign), foreign)
        }
    }
}
