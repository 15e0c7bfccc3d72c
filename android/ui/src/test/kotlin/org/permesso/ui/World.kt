package org.permesso.ui

import androidx.compose.foundation.layout.Box
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.draw.drawWithContent
import androidx.compose.ui.geometry.Size
import androidx.compose.ui.platform.LocalWindowInfo
import androidx.compose.ui.platform.WindowInfo
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.runSkikoComposeUiTest
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.Runnable
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.permesso.AccountReport
import org.permesso.OnFound
import org.permesso.OnProgress
import org.permesso.Permesso
import org.permesso.RescueReport
import org.permesso.ffi.PermessoException
import org.permesso.testing.FakeNetwork
import org.permesso.testing.FakePermesso
import org.permesso.testing.LongWork
import org.permesso.ui.words.EnglishStrings
import org.permesso.ui.words.Strings
import java.io.File
import java.io.IOException
import java.nio.file.Files.createTempDirectory
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration.Companion.seconds

/** Ada's device with the app, and others on the fake network around her. */
internal class World(
    hostExists: Boolean = true,
) {
    val network = FakeNetwork()
    val scope = CoroutineScope(Dispatchers.Unconfined + Job())
    val platform = TestPlatform()
    val opener = TestOpener(network, hostExists) { platform.kept.clear() }
    val ada: FakePermesso get() = checkNotNull(opener.opened)
    var app = AppState(opener, scope, platform)

    fun other(name: String): FakePermesso = network.open(name).also { runBlocking { it.start() } }

    /** Ada and somebody new are friends. */
    fun friend(name: String): FakePermesso {
        val other = other(name)
        runBlocking {
            ada.askFriendship(other.id)
            other.acceptFriendship(ada.id)
        }
        return other
    }

    /** The process dies, and the app begins with what was saved. */
    fun dieAndComeBack(where: CoroutineScope = scope) {
        val saved = app.save()
        scope.coroutineContext[Job]?.children?.forEach { it.cancel() }
        opener.opened?.close()
        app = AppState(opener, where, platform, saved)
    }
}

/** What is waited for comes only when it may: on a device, some frames after the screen that shows it. */
internal class Later : CoroutineDispatcher() {
    private val waiting = ConcurrentLinkedQueue<Runnable>()

    override fun dispatch(
        context: CoroutineContext,
        block: Runnable,
    ) {
        waiting.add(block)
    }

    /** Lets come what is waited for now, and not what follows from it. */
    fun come() {
        repeat(waiting.size) { waiting.poll()?.run() }
    }

    /** Lets come what is waited for and all that follows from it. */
    fun comeWhole() {
        while (waiting.isNotEmpty()) come()
    }
}

internal class TestOpener(
    private val network: FakeNetwork,
    var there: Boolean,
    private val onErase: () -> Unit,
) : Opener {
    var opened: FakePermesso? = null
    var failure: PermessoException? = null

    /** What happens to a host that was opened, before anybody else has it. */
    var onOpen: (FakePermesso) -> Unit = {}

    /** What stands between the app and its host. */
    var between: (FakePermesso) -> Permesso = { it }
    var erased = 0
    var imported: String? = null

    /** How an import goes on; null: it is done at once. */
    var import: LongWork? = null
    val roles = mutableListOf<Boolean>()
    override var lock: Lock? = null
    override var seal: TextSeal? = null

    override suspend fun exists(): Boolean = there

    override suspend fun open(
        alias: String,
        server: Boolean,
    ): Permesso {
        failure?.let { throw it }
        there = true
        roles.add(server)
        val host = network.open(alias.ifEmpty { "Ada" })
        opened = host
        onOpen(host)
        return between(host)
    }

    override suspend fun importAccount(
        file: File,
        passphrase: String,
        onProgress: OnProgress,
    ): AccountReport {
        if (passphrase != "right") throw PermessoException.WrongPassphrase("the passphrase does not fit")
        import?.follow(onProgress)
        imported = file.path
        there = true
        return AccountReport(3u, 2u, 9u)
    }

    /** How a rescue goes; null: not even the beginning can be read. */
    var rescue: (suspend (OnFound) -> RescueReport)? = null

    override suspend fun rescue(onFound: OnFound): RescueReport =
        rescue?.invoke(onFound) ?: throw PermessoException.Damaged("its header is gone")

    override suspend fun erase() {
        erased++
        there = false
        failure = null
        onErase()
    }
}

internal class TestPlatform : Platform {
    val copied = mutableListOf<String>()
    val shared = mutableListOf<String>()
    val opened = mutableListOf<String>()
    val pages = mutableListOf<SystemPage>()
    val kept = mutableMapOf<String, String>()
    var pasted: String? = null
    var found = emptySet<Condition>()
    var quitted = 0

    /** Why no file can be saved, if none can. */
    var cannotWrite: IOException? = null

    /** How the user calls a file that is saved; null: as it is proposed. */
    var fileName: String? = null

    /** Why no choice can be kept, if none can. */
    var cannotKeep: IOException? = null

    /** Made by the first who puts something into it, and gone with the process. */
    val folder: File by lazy {
        createTempDirectory("permesso-ui").toFile().also { made ->
            Runtime.getRuntime().addShutdownHook(Thread { made.deleteRecursively() })
        }
    }

    override val version = "0.1.0"
    override val systemLanguage = "en"
    override var reducedMotion = false

    var time = NOW

    override fun now(): Long = time

    override suspend fun licences() = List(20) { "Library $it (MIT)" }.joinToString("\n", "A library (MIT)\n")

    override val preferences =
        object : Preferences {
            override fun get(name: String) = kept[name]

            override fun set(
                name: String,
                value: String?,
            ) {
                if (value == null) kept.remove(name) else kept[name] = value
            }

            override suspend fun keep(
                name: String,
                value: String,
            ) {
                cannotKeep?.let { throw it }
                kept[name] = value
            }
        }

    override fun copyText(text: String) {
        copied.add(text)
    }

    override val pasteText: suspend () -> String? = { pasted }
    override val shareText: (String) -> Unit = { shared.add(it) }
    override var openLink: ((String) -> Unit)? = { opened.add(it) }
    override val quit: () -> Unit = { quitted++ }

    override val files =
        object : Files {
            override suspend fun save(
                name: String,
                type: String,
                write: suspend (File) -> Unit,
            ): Boolean {
                cannotWrite?.let { throw it }
                write(File(folder, fileName ?: name))
                return true
            }

            override suspend fun <T : Any> open(
                type: String,
                read: suspend (File) -> T,
            ): T? = read(File(folder, "chosen"))
        }

    /** The only processors the app was made for, if not all. */
    var processors = emptySet<Processor>()

    override val ownPackage =
        object : OwnPackage {
            override val bytes = 9_400_000L
            override val processors get() = this@TestPlatform.processors

            override suspend fun share() {
                cannotWrite?.let { throw it }
                shared.add("the app")
            }
        }

    var addressBookText = ""

    /** Whether new contacts go into an account alone. */
    var bookNeedsAccount = false

    override val addressBook =
        object : AddressBook {
            override suspend fun save(vcards: String): SavedContacts {
                val (old, new) = vcards.split("BEGIN:VCARD").drop(1).partition { it in addressBookText }
                if (bookNeedsAccount) return SavedContacts(unchanged = old.size, refused = new.size)
                new.forEach { addressBookText += "BEGIN:VCARD$it" }
                return SavedContacts(added = new.size, unchanged = old.size)
            }

            override suspend fun read() = addressBookText
        }

    override var camera: Camera? = null

    override var background: Background? = null

    override suspend fun conditions() = found

    /** What the system has not allowed; it allows what it is asked for. */
    val lacking = mutableSetOf<Permission>()

    override fun lacks(permission: Permission) = permission in lacking

    /** What it does not allow either when it is asked. */
    val refused = mutableSetOf<Permission>()

    /** The system's question, while the user has not answered it; null: each is answered at once. */
    var question: CompletableDeferred<Unit>? = null

    override suspend fun permission(permission: Permission): Boolean {
        question?.await()
        if (permission !in refused) lacking.remove(permission)
        return permission !in refused
    }

    override fun hasPage(page: SystemPage) = true

    override fun openPage(page: SystemPage) {
        pages.add(page)
    }

    companion object {
        /** 2026-01-01 12:00 UTC: the fake network's clock begins that day. */
        const val NOW = 1_767_268_800_000L
    }
}

/** Shows the app and does something with it. */
@OptIn(ExperimentalTestApi::class)
internal fun withApp(
    world: World = World(),
    words: Strings = EnglishStrings,
    size: Size = PHONE,
    window: ChangingWindow = ChangingWindow(),
    steps: SkikoComposeUiTest.(World) -> Unit,
): Unit =
    runSkikoComposeUiTest(size) {
        setContent {
            CompositionLocalProvider(LocalWindowInfo provides window) {
                Box(Modifier.undrawn()) { PermessoApp(world.app, words, dark = false) }
            }
        }
        steps(world)
        world.scope.cancel()
    }

/** Where the user may look elsewhere. */
internal class ChangingWindow : WindowInfo {
    override var isWindowFocused by mutableStateOf(true)
}

/** Laid out and used as ever, only not painted: on a machine without a graphics card that takes longest, and nobody looks. */
internal fun Modifier.undrawn(): Modifier = drawWithContent { }

internal val PHONE = Size(360f, 640f)
internal val PDA = Size(240f, 320f)

/** Waits, for a lock opens on another thread. */
internal suspend fun AppState.awaitPhase(wanted: (Phase) -> Boolean) = phase.awaitOne(wanted)

internal suspend fun <T> StateFlow<T>.awaitOne(wanted: (T) -> Boolean): T = withTimeout(60.seconds) { first(wanted) }
