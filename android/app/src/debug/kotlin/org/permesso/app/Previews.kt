package org.permesso.app

import android.content.res.Configuration.UI_MODE_NIGHT_YES
import androidx.compose.foundation.isSystemInDarkTheme
import androidx.compose.runtime.Composable
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.ui.platform.LocalConfiguration
import androidx.compose.ui.tooling.preview.Preview
import androidx.compose.ui.tooling.preview.PreviewParameter
import androidx.compose.ui.tooling.preview.PreviewParameterProvider
import org.permesso.ui.LocalStrings
import org.permesso.ui.PermessoTheme
import org.permesso.ui.samples.Sample
import org.permesso.ui.samples.allSamples
import org.permesso.ui.stringsOf

// Every state of every screen, as Android Studio shows it beside the code; each function is called as its screen's samples are.

@Devices @Composable
internal fun Start(
    @PreviewParameter(StartStates::class) sample: Sample,
): Unit = Shown(sample)

@Devices @Composable
internal fun People(
    @PreviewParameter(PeopleStates::class) sample: Sample,
): Unit = Shown(sample)

@Devices @Composable
internal fun Find(
    @PreviewParameter(FindStates::class) sample: Sample,
): Unit = Shown(sample)

@Devices @Composable
internal fun Person(
    @PreviewParameter(PersonStates::class) sample: Sample,
): Unit = Shown(sample)

@Devices @Composable
internal fun Code(
    @PreviewParameter(CodeStates::class) sample: Sample,
): Unit = Shown(sample)

@Devices @Composable
internal fun Scan(
    @PreviewParameter(ScanStates::class) sample: Sample,
): Unit = Shown(sample)

@Devices @Composable
internal fun Conversation(
    @PreviewParameter(ConversationStates::class) sample: Sample,
): Unit = Shown(sample)

@Devices @Composable
internal fun Search(
    @PreviewParameter(SearchStates::class) sample: Sample,
): Unit = Shown(sample)

@Devices @Composable
internal fun Doctor(
    @PreviewParameter(DoctorStates::class) sample: Sample,
): Unit = Shown(sample)

@Devices @Composable
internal fun Settings(
    @PreviewParameter(SettingsStates::class) sample: Sample,
): Unit = Shown(sample)

@Devices @Composable
internal fun Account(
    @PreviewParameter(AccountStates::class) sample: Sample,
): Unit = Shown(sample)

@Devices @Composable
internal fun Notices(
    @PreviewParameter(NoticesStates::class) sample: Sample,
): Unit = Shown(sample)

@Devices @Composable
internal fun More(
    @PreviewParameter(MoreStates::class) sample: Sample,
): Unit = Shown(sample)

@Devices @Composable
internal fun About(
    @PreviewParameter(AboutStates::class) sample: Sample,
): Unit = Shown(sample)

@Devices @Composable
internal fun PassOn(
    @PreviewParameter(PassOnStates::class) sample: Sample,
): Unit = Shown(sample)

/** The smallest and the usual screen, in the dark, in the other language and with letters of twice the size. */
@Preview(name = "phone", widthDp = 360, heightDp = 640)
@Preview(name = "phone, dark", widthDp = 360, heightDp = 640, uiMode = UI_MODE_NIGHT_YES)
@Preview(name = "phone, large letters", widthDp = 360, heightDp = 640, fontScale = 2f)
@Preview(name = "PDA, Italian", widthDp = 240, heightDp = 320, locale = "it")
internal annotation class Devices

/** The states of a screen. */
internal sealed class States(
    screen: String,
) : PreviewParameterProvider<Sample> {
    private val samples = allSamples.filter { it.screen == screen }

    override val values = samples.asSequence()

    override fun getDisplayName(index: Int) = samples[index].state
}

internal class StartStates : States("start")

internal class PeopleStates : States("people")

internal class FindStates : States("find")

internal class PersonStates : States("person")

internal class CodeStates : States("code")

internal class ScanStates : States("scan")

internal class ConversationStates : States("conversation")

internal class SearchStates : States("search")

internal class DoctorStates : States("doctor")

internal class SettingsStates : States("settings")

internal class AccountStates : States("account")

internal class NoticesStates : States("notices")

internal class MoreStates : States("more")

internal class AboutStates : States("about")

internal class PassOnStates : States("pass on")

@Composable
private fun Shown(sample: Sample) {
    val language = LocalConfiguration.current.locales[0].language
    CompositionLocalProvider(LocalStrings provides stringsOf(language)) {
        PermessoTheme(isSystemInDarkTheme()) { sample.content {} }
    }
}
