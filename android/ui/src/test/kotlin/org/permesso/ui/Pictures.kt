package org.permesso.ui

import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.BoxWithConstraints
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.runtime.Composable
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.runtime.remember
import androidx.compose.ui.Modifier
import androidx.compose.ui.graphics.ImageBitmap
import androidx.compose.ui.graphics.asSkiaBitmap
import androidx.compose.ui.platform.LocalLayoutDirection
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.text.font.FontFamily
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.text.platform.Font
import androidx.compose.ui.unit.LayoutDirection
import org.jetbrains.skia.EncodedImageFormat
import org.jetbrains.skia.Image
import org.permesso.ui.samples.PeopleSamples
import org.permesso.ui.samples.SAMPLE_NOW
import org.permesso.ui.samples.Sample
import org.permesso.ui.words.EnglishStrings
import org.permesso.ui.words.ItalianStrings
import org.permesso.ui.words.PseudoStrings
import org.permesso.ui.words.Strings
import java.io.File
import java.time.ZoneOffset
import java.util.Locale

/** Where pictures go. */
internal val PICTURES = File("target/screens")

/** Debian's `fonts-noto-core`: named by file, so that a picture does not depend on what else the machine has. */
internal val FONT_FILE = File("/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf")
private val BOLD_FILE = File("/usr/share/fonts/truetype/noto/NotoSans-Bold.ttf")

/** What pictures are drawn with: beside these, what the system takes for emoji. */
internal val FONT_FILES = listOf(FONT_FILE, BOLD_FILE, File("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"))

internal val noto: FontFamily? by lazy {
    if (FONT_FILE.exists() && BOLD_FILE.exists()) {
        FontFamily(Font(FONT_FILE, FontWeight.Normal), Font(BOLD_FILE, FontWeight.Bold))
    } else {
        null
    }
}

/** In which words a picture is. */
internal enum class Speech(
    val words: Strings,
    val locale: Locale,
) {
    EN(EnglishStrings, Locale.UK),
    IT(ItalianStrings, Locale.ITALY),
    PSEUDO(PseudoStrings, Locale.UK),
    DESKTOP_EN(DesktopWords(EnglishStrings), Locale.UK),
    DESKTOP_IT(DesktopWords(ItalianStrings), Locale.ITALY),
}

/** How a sample looks in one picture. */
internal data class Look(
    val sample: Sample,
    val speech: Speech = Speech.EN,
    val dark: Boolean = false,
    val rightToLeft: Boolean = false,
)

/** What a picture shows: the sample alone, or beside the list where there is room. */
@Composable
internal fun Shown(look: Look) {
    val moments = Moments(look.speech.locale, Calendar.at(SAMPLE_NOW, ZoneOffset.UTC), true)
    val direction = if (look.rightToLeft) LayoutDirection.Rtl else LayoutDirection.Ltr
    CompositionLocalProvider(
        LocalStrings provides look.speech.words,
        LocalMoments provides moments,
        LocalLayoutDirection provides direction,
        LocalStill provides true,
        LocalSaved provides remember { Saved() },
    ) {
        PermessoTheme(look.dark, noto) {
            Surface(Modifier.fillMaxSize(), color = MaterialTheme.colorScheme.background) {
                BoxWithConstraints {
                    val sample = look.sample
                    when {
                        sample.alone -> sample.content(null)
                        maxWidth < TWO_PANES -> sample.content(if (sample.screen == "people") null else ({}))
                        sample.screen == "people" -> SideBySide({ sample.content(null) }) { NothingChosen() }
                        else -> SideBySide({ Box { PeopleSamples.all.first().content(null) } }) { sample.content(null) }
                    }
                }
            }
        }
    }
}

/** Writes what is seen now. */
@OptIn(ExperimentalTestApi::class)
internal fun SkikoComposeUiTest.picture(name: String) {
    write(captureToImage(), File(PICTURES, "$name.png"))
}

internal fun write(
    picture: ImageBitmap,
    file: File,
) {
    file.parentFile.mkdirs()
    val bytes = checkNotNull(Image.makeFromBitmap(picture.asSkiaBitmap()).encodeToData(EncodedImageFormat.PNG)) { "no PNG" }
    file.writeBytes(bytes.bytes)
}
