package org.permesso.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.BoxScope
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.aspectRatio
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.widthIn
import androidx.compose.foundation.text.selection.SelectionContainer
import androidx.compose.material3.Surface
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.getValue
import androidx.compose.runtime.key
import androidx.compose.runtime.mutableIntStateOf
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.unit.dp

/** The code that others scan. */
@Composable
internal fun MyCodeScreen(
    state: MyCodeState,
    saved: Saved,
    copy: (String) -> Unit,
    share: ((String) -> Unit)?,
    onRenew: () -> Unit,
    onBack: (() -> Unit)?,
    show: (Screen) -> Unit,
) {
    val words = LocalStrings.current
    Page(words.codeTitle, onBack, actions = { IconAction(Icons.Scan, words.scanTitle, { show(Screen.Scan()) }) }) {
        Scrolling(saved) {
            state.trouble?.let { Banner(words.trouble(it), bad = true) }
            val uri = state.uri
            if (uri != null) {
                QrPicture(uri, words.codeOf(state.alias))
                Explanation(if (state.renewed) words.codeNew else words.codeExplained)
                Buttons {
                    MainButton(words.scanTitle, { show(Screen.Scan()) })
                    QuietButton(words.copy, { copy(uri) })
                    if (share != null) QuietButton(words.share, { share(uri) })
                    QuietButton(words.renewCode, onRenew)
                }
                Heading(words.codeAsText)
                SelectionContainer { Explanation(uri) }
            }
        }
    }
}

/** Takes in somebody's code, by whatever the device has. */
@Composable
internal fun ScanScreen(
    state: ScanState,
    saved: Saved,
    platform: Platform,
    onBack: (() -> Unit)?,
    on: (ScanEvent) -> Unit,
    onTaken: (String) -> Unit,
) {
    val words = LocalStrings.current
    LaunchedEffect(state.taken) { state.taken?.let(onTaken) }
    Page(words.scanTitle, onBack) {
        Scrolling(saved) {
            state.trouble?.let { Banner(words.trouble(it), bad = true) }
            state.fault?.let { Banner(fault(it, state.foreign), bad = true) }
            Finder(state, platform, on)
            Paragraph(words.scanExplained)
            Buttons {
                if (platform.pictures != null) QuietButton(words.choosePicture, { on(ScanEvent.ChoosePicture) })
                if (platform.pictures != null || platform.pasteText != null) QuietButton(words.paste, { on(ScanEvent.Paste) })
            }
            Field(state.text, { on(ScanEvent.Write(it)) }, words.scanWrite, onAction = { on(ScanEvent.Enter) })
            Buttons { MainButton(words.goOn, { on(ScanEvent.Enter) }, enabled = state.text.isNotBlank()) }
            Explanation(words.scanOrDigits)
        }
    }
    if (state.seen != null) {
        Question(
            words.scanSeenTitle,
            state.seenAlias?.let(words::scanSeenNamed) ?: words.scanSeen,
            words.scanAccept,
            { on(ScanEvent.Accept) },
            { on(ScanEvent.Dismiss) },
        )
    }
}

@Composable
private fun Finder(
    state: ScanState,
    platform: Platform,
    on: (ScanEvent) -> Unit,
) {
    val words = LocalStrings.current
    val camera = platform.camera
    when {
        camera == null -> {}

        state.mayUseCamera -> {
            Column(Modifier.fillMaxWidth(), horizontalAlignment = Alignment.CenterHorizontally) {
                Box(Modifier.padding(8.dp).widthIn(max = 360.dp).fillMaxWidth()) { LiveFinder(camera, platform, on) }
            }
        }

        else -> {
            Paragraph(words.cameraWhy)
            if (state.cameraRefused) Banner(words.cameraRefused, bad = true)
            Buttons {
                MainButton(words.useCamera, { on(ScanEvent.UseCamera) })
                if (state.cameraRefused && platform.hasPage(SystemPage.APP)) {
                    QuietButton(words.openSettings, { platform.openPage(SystemPage.APP) })
                }
            }
        }
    }
}

/** What the camera sees; until it does, and where it does not, what is the matter. */
@Composable
private fun BoxScope.LiveFinder(
    camera: Camera,
    platform: Platform,
    on: (ScanEvent) -> Unit,
) {
    val words = LocalStrings.current
    var attempt by remember { mutableIntStateOf(0) }
    var sight by remember(attempt) { mutableStateOf(CameraSight.OPENS) }
    val square = Modifier.fillMaxWidth().aspectRatio(1f)
    // It stays below what is said: when that has passed, it says so itself.
    key(attempt) {
        camera.Finder({ on(ScanEvent.Read(it)) }, { sight = it }, if (sight == CameraSight.SHOWS) square else Modifier.matchParentSize())
    }
    val wrong =
        when (sight) {
            CameraSight.OPENS, CameraSight.SHOWS -> null
            CameraSight.TAKEN -> words.cameraTaken
            CameraSight.FORBIDDEN -> words.cameraRefused
            CameraSight.FAILS -> words.cameraFails
        }
    if (sight == CameraSight.OPENS) {
        Surface(square) { Column(verticalArrangement = Arrangement.Center) { Busy(words.cameraOpens) } }
    }
    if (wrong != null) {
        val leadsOn = sight == CameraSight.FORBIDDEN && platform.hasPage(SystemPage.APP)
        Banner(
            wrong,
            bad = true,
            action = words.again,
            other = words.openSettings.takeIf { leadsOn },
            onOther = { platform.openPage(SystemPage.APP) },
        ) { attempt++ }
    }
}

@Composable
private fun fault(
    fault: CodeFault,
    foreign: String?,
): String {
    val words = LocalStrings.current
    return when (fault) {
        CodeFault.NOT_PERMESSO -> words.codeForeign(foreign.orEmpty())
        CodeFault.CUT_OFF -> words.codeCutOff
        CodeFault.OWN -> words.codeOwn
        CodeFault.EMPTY -> words.codeEmpty
        CodeFault.NO_CODE_IN_PICTURE -> words.codeNotInPicture
    }
}
