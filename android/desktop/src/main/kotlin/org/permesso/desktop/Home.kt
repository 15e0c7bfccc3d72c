package org.permesso.desktop

import org.permesso.AccountReport
import org.permesso.FileKeyStore
import org.permesso.OnFound
import org.permesso.OnProgress
import org.permesso.Permesso
import org.permesso.PermessoConfig
import org.permesso.RescueReport
import org.permesso.ffi.PermessoException
import org.permesso.ui.Lock
import org.permesso.ui.LockedKeyStore
import org.permesso.ui.Opener
import org.permesso.ui.Preferences
import org.permesso.ui.TextSeal
import java.io.File
import java.io.IOException
import java.io.RandomAccessFile
import java.nio.channels.OverlappingFileLockException
import java.nio.file.Files
import java.nio.file.StandardCopyOption
import java.util.Properties

/** The folder of one user's host and of what its window keeps; erasing touches nothing in it that is not named here. */
internal class Home(
    val folder: File,
) : Opener {
    private val host = File(folder, "host")
    private val keys = File(folder, "keys")
    private val keyStore = LockedKeyStore(FileKeyStore(keys))
    private val screens = File(folder, "screens")

    /** Parameters in the form of `Permesso.defaultParameters`; there if the user wrote it. */
    private val config = File(folder, "config.toml")

    /** Small choices. */
    val preferences = FilePreferences(File(folder, "preferences"))

    override val lock: Lock get() = keyStore

    override val seal = TextSeal(keyStore)

    override suspend fun exists(): Boolean = File(host, "permesso.db").exists()

    override suspend fun open(
        alias: String,
        server: Boolean,
    ): Permesso {
        makeFolder()
        // Of a host that is there its own alias counts.
        return Permesso.open(PermessoConfig(host, alias.ifEmpty { UNNAMED }, keyStore, server, parameters()))
    }

    private fun makeFolder() {
        try {
            Files.createDirectories(host.toPath())
        } catch (failure: IOException) {
            throw PermessoException.StorageUnavailable("$failure")
        }
    }

    private fun parameters(): String? =
        try {
            if (config.exists()) config.readText() else null
        } catch (failure: IOException) {
            // The user's own words: without them the host would be another than was wanted.
            throw PermessoException.InvalidInput("$config cannot be read: $failure")
        }

    override suspend fun importAccount(
        file: File,
        passphrase: String,
        onProgress: OnProgress,
    ): AccountReport {
        makeFolder()
        return Permesso.importAccount(file, passphrase, host, keyStore, onProgress)
    }

    override val place: File get() = host

    override suspend fun rescue(onFound: OnFound): RescueReport = Permesso.rescue(host, keyStore, onFound)

    override suspend fun erase() {
        // The key first: without it the rest cannot be read, even if something ends the program in between.
        val isKeyGone = keys.deleteRecursively()
        keyStore.forget()
        seal.forget()
        preferences.clear()
        // What a program that ended in between left half written beside them, too.
        val left = listOf(screens, fresh(screens), preferences.file, fresh(preferences.file)).filterNot { it.delete() || !it.exists() }
        // What belongs to the host the library knows: it lies not in its folder alone.
        Permesso.erase(host)
        val isHostGone = host.deleteRecursively()
        if (!isKeyGone || !isHostGone || left.isNotEmpty()) {
            throw PermessoException.StorageUnavailable("part of $folder could not be removed; try again")
        }
    }

    /** What the screens looked like when the program ended; nothing where that cannot be read, which is not worth not starting. */
    fun savedScreens(): String? =
        try {
            if (screens.exists()) screens.readText() else null
        } catch (failure: IOException) {
            System.err.println("permesso: $failure")
            null
        }

    /** Keeps it. */
    fun saveScreens(text: String): Unit = replace(screens, text.toByteArray())

    /**
     * Makes the folder this program's alone, until the program ends.
     *
     * @return False if it is another's.
     * @throws IOException if the folder cannot be used.
     */
    fun claim(): Boolean {
        Files.createDirectories(folder.toPath())
        val file = RandomAccessFile(File(folder, "window.lock"), "rw")
        try {
            if (file.channel.tryLock() != null) {
                claimed = file
                return true
            }
        } catch (_: OverlappingFileLockException) {
            // Of this very program, whose lock the closing would end.
            return false
        }
        file.close()
        return false
    }

    /** Never closed: the lock goes with it. */
    private var claimed: RandomAccessFile? = null

    /** Where it is unless told otherwise. */
    companion object {
        /** Until the user says a name. */
        private const val UNNAMED = "Permesso"

        private const val NAME = "permesso-desktop"

        /** As each system wants it; beside the folder of the program for terminals, which keeps its key in another way. */
        fun usual(
            system: String = System.getProperty("os.name").orEmpty(),
            user: String = System.getProperty("user.home").orEmpty(),
            environment: (String) -> String? = System::getenv,
        ): File {
            fun given(name: String) = environment(name)?.let(::File)?.takeIf { it.isAbsolute }
            return when {
                system.startsWith("Windows") -> File(given("LOCALAPPDATA") ?: File(user, "AppData/Local"), NAME)
                system.startsWith("Mac") -> File(user, "Library/Application Support/$NAME")
                else -> File(given("XDG_DATA_HOME") ?: File(user, ".local/share"), NAME)
            }
        }
    }
}

/** Texts by name in a file. */
internal class FilePreferences(
    val file: File,
) : Preferences {
    private val values =
        Properties().apply {
            // One that cannot be read is as one that is not there: nothing in it is worth not starting.
            runCatching { if (file.exists()) file.reader().use(::load) }
        }

    override fun get(name: String): String? = values.getProperty(name)

    override fun set(
        name: String,
        value: String?,
    ) {
        if (value == get(name)) return
        if (value == null) values.remove(name) else values.setProperty(name, value)
        try {
            write()
        } catch (failure: IOException) {
            // The disk is full: it counts as long as the program runs.
            System.err.println("permesso: $failure")
        }
    }

    override suspend fun keep(
        name: String,
        value: String,
    ) {
        val before = get(name)
        values.setProperty(name, value)
        try {
            write()
        } catch (failure: IOException) {
            if (before == null) values.remove(name) else values.setProperty(name, before)
            throw failure
        }
    }

    /** Forgets all; the file is left to whoever erases it. */
    fun clear(): Unit = values.clear()

    private fun write() {
        val text =
            java.io
                .StringWriter()
                .also { values.store(it, null) }
                .toString()
        replace(file, text.toByteArray())
    }
}

/** Writes a file whole or not at all. */
internal fun replace(
    file: File,
    content: ByteArray,
) {
    val fresh = fresh(file)
    Files.createDirectories(file.parentFile.toPath())
    fresh.writeBytes(content)
    Files.move(fresh.toPath(), file.toPath(), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE)
}

/** What it is written into until it is whole. */
private fun fresh(file: File) = File(file.parentFile, "${file.name}.new")
