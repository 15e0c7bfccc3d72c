package org.permesso.desktop

import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.produceState
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.runtime.snapshotFlow
import androidx.compose.ui.awt.ComposeWindow
import androidx.compose.ui.input.key.Key
import androidx.compose.ui.input.key.KeyEvent
import androidx.compose.ui.input.key.KeyEventType
import androidx.compose.ui.input.key.isAltPressed
import androidx.compose.ui.input.key.key
import androidx.compose.ui.input.key.type
import androidx.compose.ui.unit.DpSize
import androidx.compose.ui.unit.dp
import androidx.compose.ui.window.ApplicationScope
import androidx.compose.ui.window.Notification
import androidx.compose.ui.window.Tray
import androidx.compose.ui.window.TrayState
import androidx.compose.ui.window.Window
import androidx.compose.ui.window.WindowPosition
import androidx.compose.ui.window.WindowState
import androidx.compose.ui.window.application
import androidx.compose.ui.window.isTraySupported
import androidx.compose.ui.window.rememberTrayState
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import org.permesso.ffi.PermessoException
import org.permesso.ui.AppState
import org.permesso.ui.PermessoApp
import org.permesso.ui.Phase
import org.permesso.ui.PreferenceName
import org.permesso.ui.Screen
import org.permesso.ui.isQuiet
import java.awt.Desktop
import java.awt.Dimension
import java.awt.EventQueue
import java.awt.event.WindowAdapter
import java.awt.event.WindowEvent
import java.io.IOException
import java.time.LocalTime
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import kotlin.math.absoluteValue
import kotlin.time.Duration.Companion.seconds

/** Opens the window and, where there is one, the tray; returns when the program ends. */
internal fun show(
    home: Home,
    uri: String?,
) {
    val program = Program(home)
    if (uri != null) program.app.openUri(uri)
    setWheel(isStill = program.app.platform.reducedMotion)
    val bell = Doorbell(home.folder).hang(program::rung)
    hearSystem({ EventQueue.invokeLater { program.come(it) } }, program::end)
    // The end of a session, or of the device, waits for these.
    Runtime.getRuntime().addShutdownHook(thread(start = false, name = "end") { program.end() })
    application(exitProcessOnExit = false) { Program(program) }
    bell?.close()
    // What the window's tool kit left running must not keep the program.
    kotlin.system.exitProcess(0)
}

/** The program as long as it runs; of the UI's thread. */
internal class Program(
    private val home: Home,
) {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Main)
    private var written: String? = null

    /** The window's size and place, kept over the end of the program. */
    val window = WindowState(position = WindowPosition.PlatformDefault, size = sizeOf(home.preferences[SIZE]))

    /** The window, while there is one. */
    var frame: ComposeWindow? = null

    /** Whether it is shown; a program with a tray goes on without. */
    var isShown by mutableStateOf(true)

    /** Whether the host is leaving. */
    var isEnding by mutableStateOf(false)
        private set

    /** Whether the window should go for good. */
    var isOver by mutableStateOf(false)
        private set

    private val over = CompletableFuture<Unit>()

    val platform = DesktopPlatform(home.preferences, { frame }, ::quit)

    val app: AppState = AppState(home, scope, platform, home.savedScreens())

    init {
        // Also what ends without a word, such as a battery, costs no more than this much of a draft.
        scope.launch {
            while (true) {
                delay(2.seconds)
                keep()
            }
        }
        scope.launch {
            val first = window.size
            snapshotFlow { window.size }.collect { now ->
                // A window manager changes it by its frame: that is nobody's wish, and would add up.
                val isWanted =
                    maxOf((now.width - first.width).value.absoluteValue, (now.height - first.height).value.absoluteValue) > FRAME_MAX
                if (isWanted) home.preferences[SIZE] = "${now.width.value.toInt()}x${now.height.value.toInt()}"
            }
        }
    }

    /** Where what the user was told of last is seen, until the window is looked at. */
    var told: Screen? = null

    /** Shows the window, and in it that place if there is one. */
    fun open(place: Screen?) {
        isShown = true
        window.isMinimized = false
        frame?.toFront()
        // A Mac brings windows to the front of their program alone.
        if (Desktop.isDesktopSupported() && Desktop.getDesktop().isSupported(Desktop.Action.APP_REQUEST_FOREGROUND)) {
            Desktop.getDesktop().requestForeground(true)
        }
        place?.let(app::showAlone)
        told = null
    }

    /** It was begun once more, or a link was opened: shows the window, and in it the link. */
    fun come(uri: String?) {
        open(null)
        uri?.let(app::openUri)
    }

    /** [come], from another thread; null if the window's own does not get to it in time. */
    fun rung(uri: String?): Answer? {
        val answer = CompletableFuture<Answer?>()
        EventQueue.invokeLater {
            // Nobody waits for it any more, and was told so.
            if (answer.isDone) return@invokeLater
            if (!isEnding) come(uri)
            answer.complete(if (isEnding) Answer.ENDING else Answer.SHOWN)
        }
        answer.completeOnTimeout(null, HEARING.inWholeMilliseconds, TimeUnit.MILLISECONDS)
        return answer.get()
    }

    /** Whether the user is to be told of what comes now: not of what is seen, and not in quiet hours. */
    fun wantsNews(): Boolean {
        val isSeen = isShown && frame?.isFocused == true
        return !isSeen && !isQuiet(platform.preferences[PreferenceName.QUIET_HOURS], LocalTime.now())
    }

    /** Hands waiting mail on, says good-bye, and ends. */
    fun quit() {
        if (isEnding) return
        isEnding = true
        isShown = false
        scope.launch {
            keep()
            val live = app.phase.value as? Phase.Live
            try {
                withTimeoutOrNull(LEAVE_TIME) { live?.permesso?.leave() }
                live?.permesso?.stop()
            } catch (_: PermessoException) {
                // It had stopped or was never started: it is gone either way.
            }
            isOver = true
            over.complete(Unit)
        }
    }

    /** [quit], wanted by the system on a thread that is not the window's; returns when that is done, or as late as a system waits. */
    fun end() {
        if (over.isDone) return
        EventQueue.invokeLater(::quit)
        over.completeOnTimeout(Unit, END_TIME.inWholeMilliseconds, TimeUnit.MILLISECONDS).get()
    }

    private suspend fun keep() {
        val text = app.save()
        if (text == written) return
        try {
            withContext(Dispatchers.IO) { home.saveScreens(text) }
            written = text
        } catch (failure: IOException) {
            // The disk is full: the core tells of that; what was on the screens is all that is lost.
            System.err.println("permesso: $failure")
        }
    }

    private companion object {
        const val SIZE = "window_size"

        /** Pixels; more than any frame has. */
        const val FRAME_MAX = 40f

        /** Leaving takes at most 2 s and what the disk takes. */
        val LEAVE_TIME = 5.seconds

        /** Leaving, and closing what is stored; a thread of the window that hangs is not waited for. */
        val END_TIME = 8.seconds

        /** A window's thread that takes longer hangs, as people see it. */
        val HEARING = 3.seconds

        /** Two panes beside each other. */
        val USUAL = DpSize(900.dp, 680.dp)

        fun sizeOf(kept: String?): DpSize {
            val (width, height) = kept?.split('x')?.mapNotNull { it.toIntOrNull() }?.takeIf { it.size == 2 } ?: return USUAL
            return DpSize(width.coerceIn(240, 8_000).dp, height.coerceIn(320, 8_000).dp)
        }
    }
}

@Composable
private fun ApplicationScope.Program(program: Program) {
    if (program.isOver) exitApplication()
    val changes by program.app.preferencesChanged.collectAsState()
    val words = remember(changes) { program.platform.words }
    val tray = if (isThereATray()) rememberTrayState() else null
    Window(
        onCloseRequest = { if (tray == null) program.quit() else program.isShown = false },
        state = program.window,
        visible = program.isShown && !program.isEnding,
        title = NAME,
        icon = AppIcon,
        onKeyEvent = { it.goesBack() && program.app.back() },
    ) {
        LaunchedEffect(window) {
            program.frame = window
            // The smallest PDA's screen.
            window.minimumSize = Dimension(240, 320)
            window.addWindowFocusListener(
                object : WindowAdapter() {
                    override fun windowGainedFocus(event: WindowEvent) {
                        program.told = null
                    }
                },
            )
        }
        PermessoApp(program.app, words)
    }
    if (tray != null && !program.isEnding) {
        // What is clicked may be the notification: the tray does not say.
        val open = { program.open(program.told) }
        Tray(AppIcon, state = tray, tooltip = NAME, onAction = open) {
            Item(words.desktopOpenWindow, onClick = open)
            Item(words.desktopQuit, onClick = program::quit)
        }
    }
    val phase by program.app.phase.collectAsState()
    LaunchedEffect(phase, tray) { (phase as? Phase.Live)?.let { tellNews(program, it, tray) } }
}

/** Whether there is a tray now: a desktop's panel may begin after the program, and end before. */
@Composable
private fun isThereATray(): Boolean =
    produceState(isTraySupported) {
        while (true) {
            delay(TRAY_LOOK)
            value = isTraySupported
        }
    }.value

private val TRAY_LOOK = 1.seconds

// Where the program keeps its focus the keys arrive here even if no control has it.
private fun KeyEvent.goesBack(): Boolean = type == KeyEventType.KeyDown && (key == Key.Escape || (key == Key.DirectionLeft && isAltPressed))

private suspend fun tellNews(
    program: Program,
    live: Phase.Live,
    tray: TrayState?,
) {
    val notifySend = if (tray == null) NotifySend.ifThere() else null
    coroutineScope {
        try {
            followNews(live.permesso.friends, { program.wantsNews() }) { news ->
                val words = program.platform.words
                val text = words.news(news)
                program.told = news.place
                tray?.sendNotification(Notification(news.name, text))
                if (notifySend != null) launch { if (notifySend.tell(news.name, text, words.desktopOpenWindow)) program.open(news.place) }
            }
        } finally {
            notifySend?.close()
        }
    }
}
