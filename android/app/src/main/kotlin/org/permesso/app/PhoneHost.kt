package org.permesso.app

import android.app.NotificationManager
import android.app.PendingIntent
import android.content.Intent
import android.net.Uri
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import org.permesso.AccountReport
import org.permesso.AndroidKeyStore
import org.permesso.DeviceNetworks
import org.permesso.HostNotifications
import org.permesso.HostService
import org.permesso.NotificationTexts
import org.permesso.OnFound
import org.permesso.OnProgress
import org.permesso.Permesso
import org.permesso.PermessoConfig
import org.permesso.RescueReport
import org.permesso.ffi.PermessoException
import org.permesso.ui.Lock
import org.permesso.ui.LockedKeyStore
import org.permesso.ui.Opener
import org.permesso.ui.Permission
import org.permesso.ui.PreferenceName
import org.permesso.ui.TextSeal
import org.permesso.ui.hasLeft
import org.permesso.ui.isQuiet
import org.permesso.ui.stopAnyway
import org.permesso.ui.stringsOf
import org.permesso.ui.takeChosenVisibility
import org.permesso.whenReady
import java.io.File
import java.io.IOException
import java.time.LocalTime

/** The one host of this phone, opened once for the screens, the service and answers to notifications alike. */
internal class PhoneHost(
    private val app: App,
) : Opener {
    // No backup takes it: its key does not come along, and a copy would be a second host of the same name.
    private val folder = File(app.noBackupFilesDir, "host")
    private val screens = WholeFile(app.noBackupFilesDir, "screens")

    /** Beside [screens], which are written by a window alone: what happens while there is none is told once. */
    private val notices = WholeFile(app.noBackupFilesDir, "notices")

    private val writing = Mutex()

    /** Whether those of an earlier process are in [App.notices]. */
    private var hasNotices = false
    private val sealed = AndroidKeyStore(app)
    private val keyStore = LockedKeyStore(sealed)
    private val turns = Mutex()
    private var opened: Permesso? = null

    /** What follows it as long as it is open, and what of that also tells others of this phone. */
    private var followers: Job? = null
    private var reaching: Job? = null

    /** Whether others could reach it, if there is room to store what they say; null where nobody knows yet or it is to be off. */
    @Volatile
    private var isReached: Boolean? = null
    private val networks = DeviceNetworks(app)
    private val notifications by lazy { notifications() }

    override val lock: Lock get() = keyStore

    override val seal = TextSeal(keyStore)

    override suspend fun exists(): Boolean = withContext(Dispatchers.IO) { File(folder, "permesso.db").exists() }

    override suspend fun open(
        alias: String,
        server: Boolean,
    ): Permesso =
        turns.withLock {
            opened?.takeIf { it.isAlive() } ?: openAnew(PermessoConfig(folder, alias.ifEmpty { UNNAMED }, keyStore, server))
        }

    private suspend fun openAnew(config: PermessoConfig): Permesso {
        val permesso = Permesso.open(config)
        var isReady = false
        try {
            // Before the phone's own discovery tells others of it.
            permesso.takeChosenVisibility(app.preferences)
            // Before it starts: where there is no network yet it shall wait for one, and not fail.
            logged { permesso.setNetworkAddresses(networks.addresses.first()) }
            follow(permesso)
            isReady = true
        } finally {
            if (!isReady) permesso.stopAnyway()
        }
        return permesso
    }

    /** The host, if the user made one and it needs no passphrase now. */
    suspend fun openIfThere(): Permesso? =
        if (exists() &&
            !lock.isLocked()
        ) {
            open("", app.preferences[PreferenceName.SERVER] == "true")
        } else {
            null
        }

    /** The same for what Android begins by itself. Where it opened the host it goes on the network too: else an answer would lie there. */
    suspend fun awake(): Permesso? {
        val before = opened
        val permesso = openIfThere() ?: return null
        // One that was open already was started; one whose user has left the network keeps what it is told until that comes back.
        if (permesso !== before && !app.preferences.hasLeft) {
            app.scope.told {
                try {
                    begin(permesso)
                } catch (_: PermessoException.StorageUnavailable) {
                    // Until there is room.
                    whenReady { permesso.start() }
                    begin(permesso)
                }
            }
        }
        return permesso
    }

    /** Goes on the network, and shows whether others can reach it there. */
    suspend fun begin(permesso: Permesso) {
        try {
            permesso.start()
        } catch (trouble: PermessoException) {
            show(isReached = false)
            throw trouble
        }
        show(isReached = isAllowedNetwork())
    }

    private fun isAllowedNetwork(): Boolean = !app.platform.lacks(Permission.LOCAL_NETWORK)

    override suspend fun importAccount(
        file: File,
        passphrase: String,
        onProgress: OnProgress,
    ): AccountReport = Permesso.importAccount(file, passphrase, folder, keyStore, onProgress)

    override suspend fun rescue(onFound: OnFound): RescueReport = turns.withLock { Permesso.rescue(folder, keyStore, onFound) }

    override suspend fun erase(): Unit =
        turns.withLock {
            close()
            // What is being written comes to its end before.
            writing.withLock {}
            withContext(Dispatchers.IO) {
                // The key first: without it the rest cannot be read, even if something ends the process in between.
                sealed.forget()
                keyStore.forget()
                seal.forget()
                app.preferences.clear()
                preferencesChanged()
                BootReceiver.set(app, false)
                // What was told of messages stands on the screen, text and all.
                app.getSystemService(NotificationManager::class.java).cancelAll()
                // What a process that ended in between left half written beside them, too.
                val left = (screens.all + notices.all + passing(app)).filterNot { it.deleteRecursively() }
                // What belongs to the host the library knows: it lies not in its folder alone. What it does not know in there it leaves.
                Permesso.erase(folder)
                if (!folder.deleteRecursively() || left.isNotEmpty()) {
                    throw PermessoException.StorageUnavailable("part of $folder could not be removed; try again")
                }
            }
        }

    /** What [keep] kept; nothing where that cannot be read, which is not worth not starting. */
    fun kept(): String? = screens.read()

    /** Keeps what the screens keep, sealed by [seal]. */
    fun keep(text: String): Unit = screens.write(text)

    /** Goes on with the notices of an earlier process, before anything else adds some; later, if their key is locked now. */
    fun takeUpNotices() {
        if (hasNotices) return
        val sealed = notices.read()
        val text = sealed?.let(seal::open)
        hasNotices = sealed == null || text != null
        app.notices.takeUp(text)
    }

    /** Keeps it running while nobody looks, or says that nobody can reach it; nothing of one that has left or is gone meanwhile. */
    private fun show(isReached: Boolean) {
        this.isReached = isReached
        showAgain()
    }

    // One that can store nothing is off the network, and comes back by itself when there is room: its service stays for that, and says so.
    private fun showAgain() {
        if (opened == null || app.preferences.hasLeft) return
        if (isReached ?: return) stayReachable() else askToGoOn()
    }

    /** Says that nobody can reach it. */
    fun askToGoOn(): Unit = HostService.askToGoOn(app, notifications.tapToGoOn(openApp()))

    /** Keeps it running while nobody looks; to be called while the app is visible or after the device began. */
    fun stayReachable() {
        app.preferences.runs = true
        val tapToGoOn = notifications.tapToGoOn(openApp())
        val ongoing = if (app.notices.storageFails.value) tapToGoOn else notifications.ongoing(openApp())
        HostService.start(app, ongoing, tapToGoOn)
    }

    /** For the service that Android began anew: whether it goes on the network, or the user is to be asked to. */
    suspend fun goOn(): Boolean {
        if (app.preferences.hasLeft) {
            // What stopped the service may have come too late. Its user wants nothing else.
            HostService.stop(app)
            return true
        }
        val permesso = openIfThere() ?: return false
        permesso.start()
        return isAllowedNetwork().also { isReached = it }
    }

    /** Says that nobody can reach it, where its passphrase is wanted: only the user can give that. */
    suspend fun askIfLocked() {
        if (exists() && lock.isLocked()) askToGoOn()
    }

    /** The user wants to be on the network: others find this phone and, once [isReached], reach it while nobody looks, too. */
    suspend fun comeBack(isReached: Boolean?): Unit =
        turns.withLock {
            val permesso = opened ?: return@withLock
            if (reaching == null) reach(permesso)
            if (isReached != null) show(isReached)
        }

    /** The user has left the network: nothing tells others of this phone, and nothing says that they could reach it. */
    suspend fun rest(): Unit =
        turns.withLock {
            reaching?.cancel()
            reaching = null
            isReached = null
            app.preferences.runs = false
            HostService.stop(app)
        }

    /** Hands waiting mail on, says good-bye and stops. */
    suspend fun leave(): Unit =
        turns.withLock {
            val permesso = opened
            close()
            app.preferences.runs = false
            try {
                permesso?.leave()
                permesso?.stop()
            } catch (_: PermessoException) {
                // It had stopped or was never started: it is gone either way.
            }
        }

    /** Has notifications say from now on what they say in the chosen language; all else that the user may choose is asked each time. */
    fun preferencesChanged() {
        val (before, chosen) = notifications.texts to texts()
        notifications.texts = chosen
        if (chosen.connected != before.connected) app.scope.told { turns.withLock { showAgain() } }
    }

    private fun close() {
        followers?.cancel()
        followers = null
        reaching = null
        isReached = null
        opened = null
        HostService.stop(app)
    }

    private fun follow(permesso: Permesso) {
        followers?.cancel()
        isReached = null
        opened = permesso
        val scope = CoroutineScope(SupervisorJob(app.scope.coroutineContext.job) + Dispatchers.Default)
        followers = scope.coroutineContext.job
        takeUpNotices()
        // Before the others: whoever follows first gets what happened since it was opened.
        app.notices.follow(permesso, app.scope)
        scope.told { app.notices.written.collect(::write) }
        scope.told { notifications.follow(permesso, app::isOnScreen) }
        scope.told { followStorage() }
        // One whose user has left the network stays away.
        if (!app.preferences.hasLeft) reach(permesso)
    }

    // That it does not fail is news only once it did: until then a start of the service would be asked for twice.
    private suspend fun followStorage() {
        var failed = false
        app.notices.storageFails.collect { fails ->
            if (fails || failed) turns.withLock { showAgain() }
            failed = fails
        }
    }

    private suspend fun write(text: String): Unit =
        writing.withLock {
            // None once all is erased.
            currentCoroutineContext().ensureActive()
            seal.close(text)?.let(notices::write)
        }

    private fun reach(permesso: Permesso) {
        val scope = CoroutineScope(SupervisorJob(followers) + Dispatchers.Default)
        reaching = scope.coroutineContext.job
        scope.told { networks.follow(permesso) }
        scope.told { networks.discover(permesso) }
    }

    private fun notifications() =
        HostNotifications(
            app,
            R.drawable.notification,
            { open(MainActivity.SHOW, it) },
            { open(MainActivity.SHOW_REQUEST, it) },
            texts(),
            showsContentWhenLocked = { app.preferences[PreferenceName.CONTENT_WHEN_LOCKED] == "true" },
            isQuiet = { isQuiet(app.preferences[PreferenceName.QUIET_HOURS], LocalTime.now()) },
        )

    private fun texts(): NotificationTexts =
        stringsOf(app.preferences[PreferenceName.LANGUAGE] ?: app.platform.systemLanguage).ofNotifications()

    private fun openApp(): PendingIntent = pending(Intent(app, MainActivity::class.java))

    private fun open(
        action: String,
        friend: String,
    ): PendingIntent =
        // By the data, since two intents that differ in extras alone are the same to Android.
        pending(Intent(app, MainActivity::class.java).setAction(action).setData(Uri.fromParts("permesso-friend", friend, null)))

    private fun pending(intent: Intent): PendingIntent =
        PendingIntent.getActivity(app, 0, intent, PendingIntent.FLAG_UPDATE_CURRENT or PendingIntent.FLAG_IMMUTABLE)

    private companion object {
        /** Until the user says a name; of a host that is there its own alias counts. */
        const val UNNAMED = "Permesso"

        /** Something that goes on beside the host; what fails in it ends only it. */
        fun CoroutineScope.told(action: suspend () -> Unit) {
            launch { logged(action) }
        }

        suspend fun logged(action: suspend () -> Unit) {
            try {
                action()
            } catch (failure: PermessoException) {
                android.util.Log.w("permesso", failure)
            } catch (refusal: SecurityException) {
                // A permission was taken back meanwhile.
                android.util.Log.w("permesso", refusal)
            }
        }
    }
}

/** A text that is there whole, or as it was before. */
private class WholeFile(
    folder: File,
    name: String,
) {
    private val file = File(folder, name)
    private val fresh = File(folder, "$name.new")

    /** What there may be of it. */
    val all: List<File> get() = listOf(file, fresh)

    fun read(): String? =
        try {
            if (file.exists()) file.readText() else null
        } catch (failure: IOException) {
            android.util.Log.w("permesso", failure)
            null
        }

    fun write(text: String) {
        try {
            fresh.writeText(text)
            fresh.renameTo(file)
        } catch (failure: IOException) {
            // The disk is full: the core tells of that; what was to be kept is all that is lost.
            android.util.Log.w("permesso", failure)
        }
    }
}

/** Whether a host that was opened goes on; else it is to be opened again. */
internal suspend fun Permesso.isAlive(): Boolean =
    try {
        settings()
        true
    } catch (_: PermessoException.Stopped) {
        false
    } catch (_: PermessoException.Bug) {
        false
    } catch (_: PermessoException.Paused) {
        true
    } catch (_: PermessoException.StorageUnavailable) {
        // It goes on by itself when there is room.
        true
    }
