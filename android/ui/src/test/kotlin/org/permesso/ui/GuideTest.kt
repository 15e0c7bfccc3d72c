package org.permesso.ui

import androidx.compose.runtime.getValue
import androidx.compose.runtime.key
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.setValue
import androidx.compose.ui.graphics.ImageBitmap
import androidx.compose.ui.graphics.toAwtImage
import androidx.compose.ui.graphics.toComposeImageBitmap
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.runSkikoComposeUiTest
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test
import org.permesso.ui.samples.allSamples
import java.awt.Color
import java.awt.image.BufferedImage
import java.io.File

/** The pictures of the user's guide show the screens as they are. */
@OptIn(ExperimentalTestApi::class)
internal class GuideTest {
    private val shown = listOf("people" to "usual", "person" to "friend", "conversation" to "held by three", "doctor" to "no permission")

    @Test
    fun `the guide's pictures look as the screens do`() {
        assumeTrue(noto != null)
        val drawn =
            listOf(Speech.EN, Speech.IT).associate { speech ->
                File("../guide/${speech.name.lowercase()}.png") to inARow(pictures(speech))
            }
        References.compareFiles(drawn)
    }

    private fun pictures(speech: Speech): List<ImageBitmap> {
        val pictures = mutableListOf<ImageBitmap>()
        runSkikoComposeUiTest(PHONE) {
            var look by mutableStateOf<Look?>(null)
            setContent { look?.let { key(it) { Shown(it) } } }
            for ((screen, state) in shown) {
                look = Look(allSamples.single { it.screen == screen && it.state == state }, speech)
                waitForIdle()
                pictures.add(captureToImage())
            }
        }
        return pictures
    }

    /** Beside each other, each with a thin line around it. */
    private fun inARow(pictures: List<ImageBitmap>): ImageBitmap {
        val (width, height) = pictures.first().width + 2 to pictures.first().height + 2
        val row = BufferedImage(pictures.size * (width + GAP) - GAP, height, BufferedImage.TYPE_INT_RGB)
        val pen = row.createGraphics()
        pen.color = Color.WHITE
        pen.fillRect(0, 0, row.width, row.height)
        for ((index, picture) in pictures.withIndex()) {
            val left = index * (width + GAP)
            pen.color = Color.GRAY
            pen.fillRect(left, 0, width, height)
            pen.drawImage(picture.toAwtImage(), left + 1, 1, null)
        }
        pen.dispose()
        return row.toComposeImageBitmap()
    }

    private companion object {
        /** Pixels between two screens. */
        const val GAP = 14
    }
}
