package org.permesso.ui

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import org.permesso.Permesso
import org.permesso.ffi.PermessoException
import java.net.URLDecoder

/** What one's own code shows. */
data class MyCodeState(
    val uri: String? = null,
    val alias: String = "",
    val renewed: Boolean = false,
    val trouble: PermessoException? = null,
)

/** The state of one's own code. */
class MyCodeHolder(
    private val permesso: Permesso,
    private val scope: CoroutineScope,
) {
    private val now = MutableStateFlow(MyCodeState())

    /** What is shown. */
    val state: StateFlow<MyCodeState> = now.asStateFlow()

    init {
        read()
    }

    /** Makes a new code: those before it verify nobody any more. */
    fun renew() {
        scope.attempt(::onTrouble) {
            permesso.renewCode()
            now.update { it.copy(renewed = true) }
            read()
        }
    }

    private fun read() {
        scope.attempt(::onTrouble) {
            val uri = permesso.uri()
            val alias = permesso.settings().alias
            now.update { it.copy(uri = uri, alias = alias, trouble = null) }
        }
    }

    private fun onTrouble(trouble: PermessoException) {
        now.update { it.copy(trouble = trouble) }
    }
}

/** What is wrong with a text that should be a code. */
enum class CodeFault { NOT_PERMESSO, CUT_OFF, OWN, EMPTY, NO_CODE_IN_PICTURE }

/**
 * What the scanning shows.
 *
 * @property seen A code that was found and waits to be accepted.
 * @property mayUseCamera Whether the user wants the camera and the system allows it.
 */
data class ScanState(
    val text: String = "",
    val seen: String? = null,
    val fault: CodeFault? = null,
    val foreign: String? = null,
    val mayUseCamera: Boolean = false,
    val cameraRefused: Boolean = false,
    val taken: String? = null,
    val trouble: PermessoException? = null,
) {
    /** What the code says its host is called. */
    val seenAlias: String?
        get() =
            seen
                ?.substringAfter("alias=", "")
                ?.substringBefore('&')
                ?.takeIf { it.isNotEmpty() }
                ?.let(::plain)
}

/** What can be done there. */
sealed interface ScanEvent {
    /** A code is written by hand. */
    data class Write(
        val text: String,
    ) : ScanEvent

    /** It is complete. */
    data object Enter : ScanEvent

    /** A camera read a text. */
    data class Read(
        val text: String,
    ) : ScanEvent

    /** The camera is wanted. */
    data object UseCamera : ScanEvent

    /** A picture is chosen. */
    data object ChoosePicture : ScanEvent

    /** What is on the clipboard is taken: a text or a picture. */
    data object Paste : ScanEvent

    /** The code that was found is accepted. */
    data object Accept : ScanEvent

    /** It is not. */
    data object Dismiss : ScanEvent
}

/** The state of the scanning. */
class ScanHolder(
    private val permesso: Permesso,
    private val scope: CoroutineScope,
    private val platform: Platform,
    private val saved: Saved,
    code: String?,
) {
    private val now = MutableStateFlow(ScanState(text = saved["text"].orEmpty(), seen = saved["seen"]))
    private var isTaking = false

    /** What the camera read last of what was looked at, and when it last read that: it does with every picture. */
    private var read: String? = null
    private var readAt = 0L

    /** What is shown. */
    val state: StateFlow<ScanState> = now.asStateFlow()

    init {
        if (code != null && saved["began"] == null) look(code)
        saved["began"] = "yes"
    }

    /** Does what the user wants. */
    fun on(event: ScanEvent) {
        when (event) {
            is ScanEvent.Write -> {
                saved["text"] = event.text
                now.update { it.copy(text = event.text, fault = null, trouble = null) }
            }

            ScanEvent.Enter -> {
                look(now.value.text)
            }

            is ScanEvent.Read -> {
                read(event.text)
            }

            ScanEvent.UseCamera -> {
                scope.attempt(::onTrouble) {
                    val allowed = platform.permission(Permission.CAMERA)
                    now.update { it.copy(mayUseCamera = allowed, cameraRefused = !allowed) }
                }
            }

            ScanEvent.ChoosePicture -> {
                scope.attempt(::onTrouble) { platform.pictures?.choose()?.let(::look) }
            }

            ScanEvent.Paste -> {
                paste()
            }

            ScanEvent.Accept -> {
                accept()
            }

            ScanEvent.Dismiss -> {
                see(null)
            }
        }
    }

    private fun paste() {
        scope.attempt(::onTrouble) {
            val picture = platform.pictures?.paste()
            if (picture != null) look(picture) else look(platform.pasteText?.invoke().orEmpty())
        }
    }

    private fun look(picture: Luminance) {
        val text = QrReader.read(picture.bytes, picture.stride, picture.width, picture.height)
        if (text != null) look(text) else now.update { it.copy(fault = CodeFault.NO_CODE_IN_PICTURE) }
    }

    /** One that was looked at is not looked at again before the camera has turned away from it. */
    private fun read(text: String) {
        val isNew = text != read || platform.now() - readAt >= AWAY
        if (isNew && (now.value.seen != null || isTaking)) return
        read = text
        readAt = platform.now()
        if (isNew) look(text)
    }

    private fun look(text: String) {
        if (isTaking || now.value.taken != null) return
        val code = text.trim()
        val fault =
            when {
                code.isEmpty() -> CodeFault.EMPTY
                !code.startsWith(SCHEME, ignoreCase = true) -> CodeFault.NOT_PERMESSO
                code.length == SCHEME.length -> CodeFault.CUT_OFF
                key(code) == permesso.identityKey -> CodeFault.OWN
                else -> null
            }
        now.update { it.copy(fault = fault, foreign = code.take(FOREIGN_SHOWN).takeIf { fault == CodeFault.NOT_PERMESSO }, trouble = null) }
        if (fault == null) see(code)
    }

    private fun see(code: String?) {
        saved.ask("seen", code)
        now.update { it.copy(seen = code) }
    }

    private fun accept() {
        val code = now.value.seen ?: return
        see(null)
        isTaking = true
        scope.attempt(::onTrouble) {
            try {
                val host = permesso.scanUri(code)
                now.update { it.copy(taken = host) }
            } finally {
                isTaking = false
            }
        }
    }

    private fun onTrouble(trouble: PermessoException) {
        val cut = trouble is PermessoException.InvalidInput
        now.update { it.copy(fault = CodeFault.CUT_OFF.takeIf { cut }, trouble = trouble.takeIf { !cut }) }
    }

    private companion object {
        const val SCHEME = "permesso:"

        /** Milliseconds: longer than a hand that trembles hides a code from the camera. */
        const val AWAY = 2_000L

        /** The identity key of whom a code is. */
        fun key(code: String): String = code.drop(SCHEME.length).substringBefore('?').lowercase()

        /** As much of a foreign code as shows what it is. */
        const val FOREIGN_SHOWN = 40
    }
}

private fun plain(text: String): String? = runCatching { URLDecoder.decode(text.replace("+", "%2B"), "UTF-8") }.getOrNull()
