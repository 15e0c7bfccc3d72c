package org.permesso.ui

import androidx.compose.foundation.layout.Box
import androidx.compose.runtime.getValue
import androidx.compose.runtime.key
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.geometry.Size
import androidx.compose.ui.graphics.ImageBitmap
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.runSkikoComposeUiTest
import androidx.compose.ui.unit.Density
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test
import org.permesso.ui.samples.Sample
import org.permesso.ui.samples.allSamples
import java.io.File

/** A window, and in which looks the samples are shown there. */
internal class Window(
    val name: String,
    val size: Size,
    val fontScale: Float = 1f,
    val looks: (Sample) -> List<Look>,
)

/** Draws every screen in every state and looks for what is wrong. */
@OptIn(ExperimentalTestApi::class)
internal class ScreensTest {
    private val everything = System.getProperty("permesso.screens") == "all"
    private val wrong = sortedMapOf<String, List<String>>()
    private val drawn = mutableListOf<String>()
    private val kept = sortedMapOf<String, ImageBitmap>()

    /** All looks if asked for; else each language and each light once. */
    private fun usual(sample: Sample): List<Look> =
        if (everything) {
            listOf(Speech.EN, Speech.IT).flatMap { speech -> listOf(false, true).map { Look(sample, speech, it) } }
        } else {
            listOf(Look(sample, Speech.IT, dark = true), Look(sample))
        }

    /** A desktop's window, which has words of its own on these screens; it may be as narrow as a phone. */
    private fun desktop(sample: Sample): List<Look> =
        if (sample.screen in listOf("start", "settings", "account")) {
            listOf(Look(sample, Speech.DESKTOP_EN), Look(sample, Speech.DESKTOP_IT))
        } else {
            emptyList()
        }

    private fun mirrored(sample: Sample): List<Look> = listOf(Look(sample, rightToLeft = true))

    private fun large(sample: Sample): List<Look> = listOf(Look(sample), Look(sample, Speech.IT)).drop(if (everything) 0 else 1)

    private val windows: List<Window> =
        SIZES.map { (name, size) -> Window(name, size, looks = ::usual) } +
            SIZES.filter { (name, _) -> name in listOf("phone", "desktop") }.map { (name, size) -> Window(name, size, looks = ::desktop) } +
            SIZES.take(3).flatMap { (name, size) ->
                listOf(
                    Window("$name-200", size, 2f, ::large),
                    Window("$name-rtl", size, looks = ::mirrored),
                    Window("$name-long", size) { listOf(Look(it, Speech.PSEUDO)) },
                )
            }

    @Test
    fun `every screen in every state is legible, labelled and large enough to touch, and the chosen ones look as they did`() {
        if (noto ==
            null
        ) {
            println(
                "SKIPPED: the pictures, for there is no ${FONT_FILE.path} here (apt-get install fonts-noto-core fonts-noto-color-emoji)",
            )
        }
        assumeTrue(noto != null)
        PICTURES.deleteRecursively()
        windows.forEach(::draw)
        File(PICTURES, "index.html").apply { parentFile.mkdirs() }.writeText(contactSheet(drawn, wrong))
        File(PICTURES, "count").writeText("${drawn.size}\n")
        wrong.forEach { (picture, findings) -> findings.forEach { println("$picture: $it") } }
        assertEquals(emptyMap<String, List<String>>(), wrong)
        assertEquals(References.NAMES, kept.keys)
        References.compare(kept)
    }

    private fun draw(window: Window): Unit =
        runSkikoComposeUiTest(window.size, Density(1f, window.fontScale)) {
            var shown by mutableStateOf<Look?>(null)
            var isDrawn by mutableStateOf(everything)
            setContent { Box(if (isDrawn) Modifier else Modifier.undrawn()) { shown?.let { key(it) { Shown(it) } } } }
            for (sample in allSamples) {
                for (look in window.looks(sample)) {
                    val name = name(window, look)
                    isDrawn = everything || name in References.NAMES
                    shown = look
                    waitForIdle()
                    if (everything) picture(name)
                    if (name in References.NAMES) kept[name] = captureToImage()
                    drawn.add(name)
                    val found = findings(window, look, isScrolled = false).toMutableSet()
                    // What stands further down has the same colours.
                    var pages = if (look.dark) PAGES else 1
                    while (found.isEmpty() && pages++ < PAGES && scrollsOn()) found += findings(window, look, isScrolled = true)
                    if (found.isNotEmpty()) {
                        wrong[name] = found.toList()
                        isDrawn = true
                        waitForIdle()
                        picture(name)
                    }
                }
            }
        }

    private fun SkikoComposeUiTest.findings(
        window: Window,
        look: Look,
        isScrolled: Boolean,
    ): List<String> = findings(window.size.width, look.speech == Speech.PSEUDO, isScrolled)

    private fun name(
        window: Window,
        look: Look,
    ): String {
        val sample = look.sample
        val light = if (look.dark) "dark" else "light"
        return "${sample.screen}/${sample.state}/${window.name}-$light-${look.speech.name.lowercase()}".replace(' ', '_').replace(",", "")
    }

    private companion object {
        /** How much of a page or sheet is looked at; of a list of 10,000 messages never all. */
        const val PAGES = 8

        val SIZES =
            listOf(
                "phone" to Size(360f, 640f),
                "square" to Size(320f, 320f),
                "pda" to Size(240f, 320f),
                "tablet" to Size(800f, 1280f),
                "desktop" to Size(1280f, 800f),
            )
    }
}

/** One page with all pictures, those with findings first. */
private fun contactSheet(
    drawn: List<String>,
    wrong: Map<String, List<String>>,
): String =
    buildString {
        append("<!doctype html><meta charset=\"utf-8\"><title>Permesso: ${drawn.size} pictures</title>")
        append("<style>body{font:14px sans-serif}figure{display:inline-block;margin:6px;vertical-align:top;max-width:420px}")
        append("img{max-width:420px;border:1px solid #888}figcaption{font-size:11px}.wrong{color:#a00}</style>")
        append("<h1>${drawn.size} pictures, ${wrong.size} with findings</h1>")
        for ((screen, names) in drawn.groupBy { it.substringBefore('/') }) {
            append("<h2>$screen</h2>")
            for (name in names.sortedBy { if (it in wrong) 0 else 1 }) {
                append("<figure><img loading=\"lazy\" src=\"$name.png\"><figcaption>$name</figcaption>")
                wrong[name]?.forEach { append("<figcaption class=\"wrong\">$it</figcaption>") }
                append("</figure>")
            }
        }
    }
