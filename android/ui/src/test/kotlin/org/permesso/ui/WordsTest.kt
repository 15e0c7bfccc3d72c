package org.permesso.ui

import androidx.compose.material3.ColorScheme
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.permesso.Holder
import org.permesso.Message
import org.permesso.MessageState
import org.permesso.ui.samples.OtherSamples
import org.permesso.ui.samples.message
import org.permesso.ui.words.EnglishStrings
import org.permesso.ui.words.ItalianStrings
import java.io.File

/** What is read, and whether it can be read. */
internal class WordsTest {
    private fun held(vararg holders: Holder): Message = message("x", 1, state = MessageState.HELD, holders = holders.toList())

    private val library = Holder("a", "Library", emptyList(), true)
    private val linus = Holder("b", "Linus", emptyList(), false)
    private val unknown = Holder("c", null, emptyList(), false)

    @Test
    fun `who holds a message is said in the words of the other interfaces, with plurals`() {
        assertEquals("Held by server Library", EnglishStrings.fate(held(library)))
        assertEquals("Held by Linus", EnglishStrings.fate(held(linus)))
        assertEquals("Held by Linus and 1 other", EnglishStrings.fate(held(linus, unknown)))
        assertEquals("Held by server Library and 2 others", EnglishStrings.fate(held(linus, library, unknown)))
        assertEquals("Held by 1 other host", EnglishStrings.fate(held(unknown)))
        assertEquals("Held by 2 other hosts", EnglishStrings.fate(held(unknown, unknown)))
        assertEquals("In custodia presso il server Library e altri 2", ItalianStrings.fate(held(linus, library, unknown)))
        assertEquals("In custodia presso 1 altro host", ItalianStrings.fate(held(unknown)))
        assertEquals("In custodia presso altri 2 host", ItalianStrings.fate(held(unknown, unknown)))
    }

    @Test
    fun `one and many are told apart in both languages`() {
        assertEquals("1 unread", EnglishStrings.unread(1))
        assertEquals("1 new notice", EnglishStrings.newNotices(1))
        assertEquals("0 new notices", EnglishStrings.newNotices(0))
        assertEquals("1 nuovo avviso", ItalianStrings.newNotices(1))
        assertEquals("2 nuovi avvisi", ItalianStrings.newNotices(2))
        assertEquals("1000000 nuovi avvisi", ItalianStrings.newNotices(1_000_000))
    }

    @Test
    fun `every notice is a sentence in both languages`() {
        for (notice in OtherSamples.notices) {
            val (english, italian) = EnglishStrings.notice(notice) to ItalianStrings.notice(notice)
            check(english.endsWith('.') && italian.endsWith('.') && english != italian) { "$english / $italian" }
        }
    }

    @Test
    fun `no text of the screens stands in the code`() {
        val written =
            Regex(
                """(Text|Paragraph|Explanation|Heading|Banner|MainButton|QuietButton|LinkRow|Page|contentDescription =)\s*\(?\s*(\w+\s*=\s*)?"[^"$]*[A-Za-z]{3}""",
            )
        val found =
            listOf("src/main/kotlin", "../app/src/main/kotlin", "../desktop/src/main/kotlin")
                .flatMap { File(it).walk().toList() }
                .filter { it.extension == "kt" && "samples" !in it.path }
                .flatMap { file -> written.findAll(file.readText().replace("\"Permesso\"", "NAME")).map { "${file.name}: ${it.value}" } }
                .toList()
        assertEquals(emptyList<String>(), found)
    }

    @Test
    fun `texts stand out from what is behind them, in the light and in the dark`() {
        for ((name, colours) in listOf("light" to LightColours, "dark" to DarkColours)) {
            for ((pair, ratio) in ratios(colours)) check(ratio >= AA) { "$name, $pair: $ratio" }
            // Edges and signs that must be seen: WCAG 1.4.11.
            for (edge in listOf(
                colours.outline,
                colours.primary,
                colours.error,
            )) {
                check(contrast(edge, colours.surface) >= 3.0) { "$name: $edge" }
            }
        }
    }

    /** Every pair that a screen uses. */
    private fun ratios(colours: ColorScheme): Map<String, Double> =
        with(colours) {
            mapOf(
                "on background" to contrast(onBackground, background),
                "on surface" to contrast(onSurface, surface),
                "on bar" to contrast(onSurface, surfaceVariant),
                "explanation" to contrast(onSurfaceVariant, surface),
                "explanation on bar" to contrast(onSurfaceVariant, surfaceVariant),
                "heading" to contrast(primary, background),
                "button" to contrast(onPrimary, primary),
                "own bubble" to contrast(onPrimaryContainer, primaryContainer),
                "other bubble" to contrast(onSurface, surfaceVariant),
                "hint" to contrast(onTertiaryContainer, tertiaryContainer),
                "trouble" to contrast(onErrorContainer, errorContainer),
                "danger" to contrast(onError, error),
                "warning" to contrast(error, background),
                "warning on bar" to contrast(error, surfaceVariant),
            )
        }
}
