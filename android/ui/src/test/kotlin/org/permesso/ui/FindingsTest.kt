package org.permesso.ui

import androidx.compose.foundation.clickable
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.absoluteOffset
import androidx.compose.foundation.layout.height
import androidx.compose.foundation.layout.offset
import androidx.compose.foundation.layout.requiredWidth
import androidx.compose.foundation.layout.size
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.runSkikoComposeUiTest
import androidx.compose.ui.unit.dp
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test

/** What looks for mistakes on pictures finds each kind of them. */
@OptIn(ExperimentalTestApi::class)
internal class FindingsTest {
    private fun found(
        pseudo: Boolean = false,
        content: @Composable () -> Unit,
    ): List<String> {
        var found = emptyList<String>()
        runSkikoComposeUiTest(PDA) {
            setContent { PermessoTheme(dark = false, noto) { content() } }
            found = findings(PDA.width, pseudo)
        }
        return found
    }

    private fun assertFinds(
        what: String,
        pseudo: Boolean = false,
        content: @Composable () -> Unit,
    ) {
        val found = found(pseudo, content)
        assertTrue(found.any { what in it }, "$what is not in $found")
    }

    @Test
    fun `a control without a label, or too small to touch, is found`() {
        assertFinds("no label") { Box(Modifier.size(48.dp).clickable {}) }
        assertFinds("too small") { Box(Modifier.size(100.dp, 30.dp).clickable {}.semantics { contentDescription = "Small" }) }
        // Compose widens them by itself: two small ones then want the same place.
        assertFinds("overlap") {
            Row { for (name in listOf("One", "Other")) Box(Modifier.size(30.dp).clickable {}.semantics { contentDescription = name }) }
        }
    }

    @Test
    fun `touch areas that overlap are found`(): Unit =
        assertFinds("overlap") {
            Box {
                Box(Modifier.size(48.dp).clickable {}.semantics { contentDescription = "One" })
                Box(
                    Modifier
                        .offset(20.dp)
                        .size(48.dp)
                        .clickable {}
                        .semantics { contentDescription = "Other" },
                )
            }
        }

    @Test
    fun `a text that is cut off or leaves the screen is found`() {
        assertFinds("cut off") { Text("Four words on one line of the very smallest height", Modifier.height(10.dp)) }
        assertFinds("beyond the edge") { Text("Far out", Modifier.absoluteOffset(200.dp).requiredWidth(100.dp)) }
    }

    @Test
    fun `a line of which a screen reader would say a part alone is found`() {
        val two = @Composable {
            Text("Name")
            Text("Fate")
        }
        assertFinds("a desktop does not say \"Fate\"") { Column(Modifier.size(100.dp).clickable {}) { two() } }
        assertFinds("a phone does not say \"Fate\"") {
            Column(Modifier.size(100.dp).clickable {}.semantics { contentDescription = "Name" }) { two() }
        }
        assertFinds("said twice") {
            Column(Modifier.size(100.dp).clickable {}.spoken(listOf("Name", "Fate"))) {
                two()
                Box(Modifier.size(9.dp).semantics { contentDescription = "Fate" })
            }
        }
        assertEquals(emptyList<String>(), found { Column(Modifier.size(100.dp).clickable {}.spoken(listOf("Name", "Fate"))) { two() } })
    }

    @Test
    fun `what is read from below, or from the end of a line, is found`() {
        assertFinds("read out of order: Second") {
            Box(Modifier.size(100.dp)) {
                Text("Second", Modifier.offset(y = 40.dp))
                Text("First")
            }
        }
        assertFinds("read out of order: Second") {
            Box(Modifier.size(200.dp)) {
                Text("Second", Modifier.offset(x = 100.dp))
                Text("First")
            }
        }
    }

    @Test
    fun `a page without a heading is found`(): Unit =
        assertFinds("no heading above") { Column { for (name in listOf("One", "Two", "Three", "Four")) Text(name) } }

    @Test
    fun `a letter without a glyph is found`() {
        assumeTrue(noto != null)
        assertFinds("no glyph for U+E123") { Text("\uE123") }
    }

    @Test
    fun `a text that stands in the code is found`(): Unit = assertFinds("not translated", pseudo = true) { Text("Utterly untranslated") }

    @Test
    fun `nothing is found where all is well`(): Unit =
        assertEquals(emptyList<String>(), found(pseudo = true) { MainButton("[Wéll~~]", {}) })
}
