package org.permesso.ui

import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import org.permesso.AccountReport
import org.permesso.OnFound
import org.permesso.OnProgress
import org.permesso.Permesso
import org.permesso.RescueReport
import org.permesso.ffi.PermessoException
import java.io.File

/** Where the host comes from: a folder, a key store, and what was chosen before the host was there. */
interface Opener {
    /** Whether a host is there already. Without one the app asks for an alias. */
    suspend fun exists(): Boolean

    /**
     * Opens the host, or makes a new one of that alias; it is not started yet.
     *
     * @throws PermessoException as `Permesso.open` does.
     */
    suspend fun open(
        alias: String,
        server: Boolean,
    ): Permesso

    /** Makes the host of an account file, where there is none. */
    suspend fun importAccount(
        file: File,
        passphrase: String,
        onProgress: OnProgress,
    ): AccountReport

    /**
     * Reads what can be read of a host that cannot be opened, and changes nothing.
     *
     * @throws PermessoException as `Permesso.rescue` does.
     */
    suspend fun rescue(onFound: OnFound): RescueReport

    /** Where the host's data lies, if the user can find it there. */
    val place: File? get() = null

    /** Removes everything of the host from this device, the key first. It must be stopped. */
    suspend fun erase()

    /** A passphrase before the data can be read; null where the platform has none. */
    val lock: Lock? get() = null

    /** What seals the text of [AppState.save]; null where nobody else can read it. */
    val seal: TextSeal? get() = null
}

/** A passphrase without which the data of the host cannot be read. */
interface Lock {
    /** Whether the passphrase has to be given before the host can be opened. */
    suspend fun isLocked(): Boolean

    /** Whether there is a passphrase. */
    suspend fun isSet(): Boolean

    /** Unlocks for this process. False if it is not the passphrase. */
    suspend fun unlock(passphrase: String): Boolean

    /** Sets another passphrase, or none. */
    suspend fun change(passphrase: String?)
}

/** What the phone or the desktop does for the screens. What is null is not offered there. */
interface Platform {
    /** Milliseconds since 1970. */
    fun now(): Long = System.currentTimeMillis()

    /** Whether times are written with 24 hours. */
    val is24Hour: Boolean get() = true

    /** Whether the user wants no movement. */
    val reducedMotion: Boolean get() = false

    /** The language of the system, as `it`. */
    val systemLanguage: String get() =
        java.util.Locale
            .getDefault()
            .language

    /** The app's version. */
    val version: String

    /** The notices of all that is shipped; long. */
    suspend fun licences(): String

    /** Small choices of the app, kept by the platform: see [Preferences]. */
    val preferences: Preferences

    /** Puts a text on the clipboard. */
    fun copyText(text: String)

    /** The text on the clipboard. */
    val pasteText: (suspend () -> String?)? get() = null

    /** Hands a text to another app. */
    val shareText: ((String) -> Unit)? get() = null

    /** Opens a link outside, after the user said so. */
    val openLink: ((String) -> Unit)? get() = null

    /** Files of the user's choice. */
    val files: Files? get() = null

    /** A camera that looks for codes. */
    val camera: Camera? get() = null

    /** A picture from a file or the clipboard, in which a code may be. */
    val pictures: Pictures? get() = null

    /** The phone's address book. */
    val addressBook: AddressBook? get() = null

    /** The app itself, to be handed to a neighbour. */
    val ownPackage: OwnPackage? get() = null

    /** Notifications and the life in the background. */
    val background: Background? get() = null

    /** What on this device stands against being found. */
    suspend fun conditions(): Set<Condition> = emptySet()

    /** Whether a page of the system's settings can be opened. */
    fun hasPage(page: SystemPage): Boolean = false

    /** Opens it. */
    fun openPage(page: SystemPage) {}

    /** Whether the system has to be asked for a permission before what needs it works. */
    fun lacks(permission: Permission): Boolean = false

    /** Whether a permission is there; asks the system for it if not. True where none is needed. */
    suspend fun permission(permission: Permission): Boolean = true

    /** Ends the app, after the host has left. Null where apps do not end themselves. */
    val quit: (() -> Unit)? get() = null
}

/** Texts by name. */
interface Preferences {
    /** The text of that name. */
    operator fun get(name: String): String?

    /** Keeps one; null forgets it. Where it cannot be written it counts as long as the process lives. */
    operator fun set(
        name: String,
        value: String?,
    )

    /**
     * Keeps one over the end of the process, for what must not be done without it.
     *
     * @throws java.io.IOException if it cannot be written; what was kept before counts on.
     */
    suspend fun keep(
        name: String,
        value: String,
    )
}

/** Files that the user chooses. */
interface Files {
    /** Asks where to; [write] makes the file at a place that does not exist yet. False if the user gave up. */
    suspend fun save(
        name: String,
        type: String,
        write: suspend (File) -> Unit,
    ): Boolean

    /**
     * Asks for one; null if the user gave up.
     *
     * @throws PermessoException.Damaged if it cannot be read.
     */
    suspend fun <T : Any> open(
        type: String,
        read: suspend (File) -> T,
    ): T?
}

/** A camera that looks for codes. */
interface Camera {
    /**
     * Shows what it sees and tells every text of a code, read by [QrReader]. Needs [Permission.CAMERA]. How it goes is told to
     * [onSight]; until then it opens. Left and shown anew it tries again.
     */
    @Composable
    fun Finder(
        onText: (String) -> Unit,
        onSight: (CameraSight) -> Unit,
        modifier: Modifier,
    )
}

/** How a camera goes: it opens, it [SHOWS] what it sees, another app has [TAKEN] it, the system has it [FORBIDDEN], or it [FAILS]. */
enum class CameraSight { OPENS, SHOWS, TAKEN, FORBIDDEN, FAILS }

/** The brightness of a picture, a byte a pixel; a row has [stride] bytes. */
class Luminance(
    val bytes: ByteArray,
    val stride: Int,
    val width: Int,
    val height: Int,
)

/** Pictures in which a code may be. */
interface Pictures {
    /**
     * Asks for a file; null if the user gave up.
     *
     * @throws PermessoException.Damaged if it is no picture.
     */
    suspend fun choose(): Luminance?

    /** The one on the clipboard. */
    suspend fun paste(): Luminance?
}

/**
 * What became of contacts that were to be saved.
 *
 * @property added Those that were not there.
 * @property updated Those that were there otherwise, as under an older name.
 * @property unchanged Those that were there already.
 * @property refused Those that were not there, and stay out: an address book may take new contacts into an account alone, which would
 * get to know of them.
 */
data class SavedContacts(
    val added: Int = 0,
    val updated: Int = 0,
    val unchanged: Int = 0,
    val refused: Int = 0,
)

/** The phone's address book; the `permesso:` URI stands in the note. */
interface AddressBook {
    /** Saves vCards. Whose `permesso:` URI is there already is brought up to date, and no second time there. */
    suspend fun save(vcards: String): SavedContacts

    /** Everybody in it with a `permesso:` URI, as vCards. */
    suspend fun read(): String
}

/** Kinds of processors, as phones and tablets have them. */
enum class Processor {
    /** Nearly all of the last ten years. */
    ARM_64,

    /** Old and cheap ones, and most PDAs. */
    ARM_32,

    /** A few tablets, and what runs on a computer. */
    X86_64,
}

/** The installed app. */
interface OwnPackage {
    /** Its size in bytes. */
    val bytes: Long

    /** The only processors it was made for; empty where it runs on all that Permesso is made for. */
    val processors: Set<Processor> get() = emptySet()

    /**
     * Shares it by the phone's own means, as Quick Share; Android's own Bluetooth takes no such file.
     *
     * @throws java.io.IOException if there is no room for what is handed on.
     */
    suspend fun share()
}

/** The life in the background. */
interface Background {
    /** Whether the app may start with the device. */
    val startsWithDevice: Boolean

    /** Has a changed preference taken up. */
    fun preferencesChanged()
}

/** What on this device may stand against being found; [BATTERY_OPTIMISED] is no fault, for every app is until its user says otherwise. */
enum class Condition { NO_PERMISSION, WIFI_OFF, BATTERY_LIMITED, DATA_SAVER, BACKGROUND_KILLED, NOTIFICATIONS_OFF, BATTERY_OPTIMISED }

/** A page of the system's settings. */
enum class SystemPage { WIFI, BATTERY, DATA_SAVER, APP, NOTIFICATIONS, DATE }

/** What the system may ask the user for. */
enum class Permission { LOCAL_NETWORK, NOTIFICATIONS, CAMERA, CONTACTS }

/** Names of [Preferences] that the screens set. */
object PreferenceName {
    /** `en` or `it`; without one the system's language counts. */
    const val LANGUAGE: String = "language"

    /** `true`: the next opening makes a persistent server. */
    const val SERVER: String = "server"

    /** `true`: notifications show the text also while the device is locked. */
    const val CONTENT_WHEN_LOCKED: String = "content_when_locked"

    /** `22:00-07:00`, or nothing. */
    const val QUIET_HOURS: String = "quiet_hours"

    /** `true`: the app starts with the device. */
    const val START_WITH_DEVICE: String = "start_with_device"

    /** `light` or `dark`; without one the system's counts. */
    const val THEME: String = "theme"

    /** `true`: the user was asked whether notifications are welcome. */
    const val NOTIFICATIONS_ASKED: String = "notifications_asked"

    /** The name of a `Visibility` that was chosen before there was a host, until the host has stored it. */
    const val CHOSEN_VISIBILITY: String = "chosen_visibility"

    /** There once the user left the network, until coming back is chosen: see [hasLeft]. */
    const val LEFT: String = "left"

    /** `true`: a link in a message can be opened. */
    const val LINKS: String = "links"

    /** Those that the settings show. */
    val OF_SETTINGS: List<String> = listOf(LANGUAGE, SERVER, CONTENT_WHEN_LOCKED, QUIET_HOURS, START_WITH_DEVICE, THEME, LINKS)
}
