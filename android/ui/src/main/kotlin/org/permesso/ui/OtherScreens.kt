package org.permesso.ui

import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.foundation.lazy.itemsIndexed
import androidx.compose.material.icons.filled.Info
import androidx.compose.material.icons.filled.Search
import androidx.compose.material.icons.filled.Settings
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import org.permesso.Departure
import org.permesso.ffi.Notice
import org.permesso.ffi.PermessoException
import org.permesso.ui.words.Strings
import androidx.compose.material.icons.Icons as MaterialIcons

/**
 * What the page with everything else shows.
 *
 * @property asking Whether the way off the network is asked about.
 */
data class MoreState(
    val asking: Boolean = false,
    val leaving: Leaving = Leaving(),
    val canQuit: Boolean = false,
    val canPassOn: Boolean = false,
    val notices: Int = 0,
)

/** What the user can do there, beside going to another screen. */
class MoreMeans(
    val ask: (Boolean) -> Unit = {},
    val leave: () -> Unit = {},
    val see: () -> Unit = {},
    val seeAgain: () -> Unit = {},
    val quit: () -> Unit = {},
    val comeBack: () -> Unit = {},
)

/** Everything else the app can do. */
@Composable
internal fun MoreScreen(
    state: MoreState,
    saved: Saved,
    onBack: (() -> Unit)?,
    means: MoreMeans,
    show: (Screen) -> Unit,
) {
    val words = LocalStrings.current
    val leaving = state.leaving
    val left = leaving.left
    Page(words.moreTitle, onBack) {
        Scrolling(saved) {
            Trouble(leaving.trouble, means.see)
            LinkRow(MaterialIcons.Filled.Search, words.searchTitle) { show(Screen.SearchMessages) }
            LinkRow(Icons.Code, words.codeTitle) { show(Screen.MyCode) }
            LinkRow(Icons.Scan, words.scanTitle) { show(Screen.Scan()) }
            LinkRow(Icons.Notice, words.noticesTitle, badge = state.notices) { show(Screen.Notices) }
            LinkRow(Icons.Doctor, words.doctorTitle, words.doctorHelp) { show(Screen.Doctor) }
            LinkRow(MaterialIcons.Filled.Settings, words.settingsTitle) { show(Screen.Settings) }
            LinkRow(Icons.Backup, words.accountTitle) { show(Screen.Account) }
            if (state.canPassOn) LinkRow(Icons.Pass, words.passOnTitle, words.passOnHelp) { show(Screen.PassOn) }
            LinkRow(MaterialIcons.Filled.Info, words.aboutTitle) { show(Screen.About) }
            if (left == null) {
                LinkRow(Icons.Leave, words.leaveTitle, words.leaveHelp) { means.ask(true) }
            } else {
                LinkRow(Icons.Leave, words.leftTitle, onClick = means.seeAgain)
            }
        }
    }
    when {
        left != null -> if (!leaving.seen) LeftSheet(left, state.canQuit, means)
        leaving.underWay -> Sheet(words.leaveTitle, {}, buttons = {}) { Paragraph(words.leaving) }
        state.asking -> Question(words.leaveTitle, words.leaveText, words.leaveYes, means.leave, { means.ask(false) })
    }
}

@Composable
private fun LeftSheet(
    left: Departure,
    canQuit: Boolean,
    means: MoreMeans,
) {
    val words = LocalStrings.current
    Sheet(
        words.leftTitle,
        means.see,
        buttons = {
            if (canQuit) MainButton(words.quit, means.quit)
            QuietButton(words.comeBack, means.comeBack)
        },
    ) {
        val none = left.handedOn == 0uL && left.kept == 0uL
        if (none) Paragraph(words.leftNothing)
        if (left.handedOn > 0uL) Paragraph(words.leftHandedOn(left.handedOn.toInt()))
        if (left.carried > 0uL) Paragraph(words.leftCarried(left.carried.toInt()))
        if (left.kept > 0uL) Paragraph(words.leftKept(left.kept.toInt()))
    }
}

/** What happened that the user should know. */
@Composable
internal fun NoticesScreen(
    notices: List<DatedNotice>,
    saved: Saved,
    onBack: (() -> Unit)?,
    show: (Screen) -> Unit,
) {
    val words = LocalStrings.current
    val moments = LocalMoments.current
    Page(words.noticesTitle, onBack) {
        LazyColumn(Modifier.weight(1f), rememberKeptList(saved)) {
            if (notices.isEmpty()) item { Paragraph(words.noNotices) }
            itemsIndexed(notices) { index, dated ->
                if (index > 0) Line()
                val host = dated.notice.host
                if (host != null) {
                    LinkRow(Icons.Notice, words.notice(dated), moments.full(dated.time)) { show(Screen.Person(host)) }
                } else {
                    Paragraph(words.notice(dated))
                    Explanation(moments.full(dated.time))
                }
            }
        }
    }
}

/** A notice as a sentence. */
internal fun Strings.notice(dated: DatedNotice): String {
    val name = dated.name
    return when (val notice = dated.notice) {
        is Notice.AddressUnusable -> noticeAddressUnusable(notice.address)
        is Notice.AskExpired -> noticeAskExpired(name)
        is Notice.AskRefused -> noticeAskRefused(name)
        is Notice.CodeShared -> noticeCodeShared(name, dated.other)
        is Notice.CopyRestored -> noticeCopyRestored
        is Notice.EncryptionReset -> noticeEncryptionReset(name)
        is Notice.FriendAsksAgain -> noticeAsksAgain(name)
        is Notice.GenerationNotKept -> noticeGenerationNotKept
        is Notice.HeldDropped -> noticeHeldDropped(name)
        is Notice.HistoryDropped -> noticeHistoryDropped(name)
        is Notice.MessagesLost -> noticeMessagesLost(notice.count.toInt(), name)
        is Notice.Missed -> noticeMissed(notice.count.toInt())
        is Notice.NoPort -> noticeNoPort
        is Notice.OutboxDropped -> noticeOutboxDropped(name)
        is Notice.Restored -> noticeRestored
        is Notice.StorageFailed -> noticeStorageFailed
    }
}

/** What is promised, and what is not. */
@Composable
internal fun AboutScreen(
    version: String,
    saved: Saved,
    onBack: (() -> Unit)?,
    show: (Screen) -> Unit,
) {
    val words = LocalStrings.current
    Page(words.aboutTitle, onBack) {
        Scrolling(saved) {
            Paragraph(words.aboutVersion(version))
            Paragraph(words.welcomeText)
            Heading(words.aboutPromised)
            for (promise in listOf(
                words.promiseEncrypted,
                words.promiseTrue,
                words.promiseNoServer,
                words.promiseNoData,
            )) {
                Paragraph(promise)
            }
            Heading(words.aboutNotPromised)
            for (limit in listOf(words.limitWhen, words.limitPresence, words.limitDevice, words.limitGroups)) Paragraph(limit)
            Heading(words.aboutLicence)
            Paragraph(words.aboutLicenceText)
            Buttons { QuietButton(words.aboutLicences, { show(Screen.Licences) }) }
        }
    }
}

/** The licences, once they are read. */
@Composable
internal fun LicencesScreen(
    licences: String?,
    saved: Saved,
    onBack: (() -> Unit)?,
) {
    Page(LocalStrings.current.aboutLicences, onBack) {
        val lines = licences.orEmpty().lines()
        LazyColumn(Modifier.weight(1f), rememberKeptList(saved)) {
            itemsIndexed(lines) { _, line -> if (line.isNotBlank()) Explanation(line) }
        }
    }
}

/** Gives the app to a neighbour who has no internet. */
@Composable
internal fun PassOnScreen(
    own: OwnPackage?,
    trouble: PermessoException?,
    saved: Saved,
    onShare: () -> Unit,
    onBack: (() -> Unit)?,
) {
    val words = LocalStrings.current
    Page(words.passOnTitle, onBack) {
        Scrolling(saved) {
            trouble?.let { Banner(words.trouble(it), bad = true) }
            if (own == null) {
                Paragraph(words.passOnNot)
            } else {
                Paragraph(words.passOnText(words.size(own.bytes)))
                if (own.processors.isNotEmpty()) Paragraph(words.passOnOnly(own.processors.joinToString("; ") { words.processor(it) }))
                Paragraph(words.passOnOther)
                Buttons { MainButton(words.passOnShare, onShare) }
                Explanation(words.passOnTrust)
            }
        }
    }
}
