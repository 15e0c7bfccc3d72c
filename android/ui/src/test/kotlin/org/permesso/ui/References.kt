package org.permesso.ui

import androidx.compose.ui.graphics.ImageBitmap
import androidx.compose.ui.graphics.toComposeImageBitmap
import androidx.compose.ui.graphics.toPixelMap
import org.jetbrains.skia.Image
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assumptions.assumeTrue
import java.io.File
import java.security.MessageDigest
import kotlin.math.abs

/** Pictures that are committed, so that what changes the look is seen in review. The README shows some of them. */
internal object References {
    /** One of each kind of screen and of each size. */
    val NAMES: Set<String> =
        sortedSetOf(
            "account/exported/phone-light-en",
            "code/usual/phone-light-en",
            "conversation/held_close/phone-light-en",
            "conversation/unread_and_gap/desktop-dark-it",
            "conversation/unread_and_gap/pda-light-en",
            "conversation/usual/phone-dark-it",
            "conversation/usual/square-rtl-light-en",
            "conversation/usual/tablet-light-en",
            "doctor/no_network/phone-light-en",
            "people/usual/desktop-light-en",
            "people/usual/phone-light-en",
            "person/friend/pda-dark-it",
            "start/first_run/phone-light-en",
        )

    private val folder = File("src/test/pictures")
    private val fonts = File(folder, "fonts.txt")

    /** Another font draws other letters: that is said, and is no pass. */
    fun compare(drawn: Map<String, ImageBitmap>): Unit = compareFiles(drawn.mapKeys { (name, _) -> file(name) })

    /** The same of pictures that stand elsewhere. */
    fun compareFiles(drawn: Map<File, ImageBitmap>) {
        if (System.getProperty("permesso.screens.write") != null) {
            drawn.forEach { (file, picture) -> write(picture, file) }
            fonts.writeText("${version()}\n")
        }
        val isSame = fonts.exists() && fonts.readText().trim() == version()
        if (!isSame) println("SKIPPED: the comparison of pictures, for they were drawn with another version of Noto Sans: ${version()}")
        assumeTrue(isSame, "another font")
        val different = drawn.mapValues { (file, picture) -> difference(file, picture) }.filterValues { it > TOLERATED }
        assertEquals(emptyMap<File, Double>(), different)
    }

    private fun file(name: String) = File(folder, name.replace('/', '-') + ".png")

    private fun version(): String {
        val digest = MessageDigest.getInstance("SHA-256")
        FONT_FILES.filter { it.exists() }.forEach { digest.update(it.readBytes()) }
        return digest.digest().joinToString("") { "%02x".format(it) }
    }

    /** How much of the picture differs visibly: from 0 to 1. */
    private fun difference(
        file: File,
        drawn: ImageBitmap,
    ): Double {
        if (!file.exists()) return 1.0
        val (one, other) = Image.makeFromEncoded(file.readBytes()).toComposeImageBitmap().toPixelMap() to drawn.toPixelMap()
        if (one.width != other.width || one.height != other.height) return 1.0
        var different = 0
        for (y in 0 until one.height) {
            for (x in 0 until one.width) {
                val (a, b) = one[x, y] to other[x, y]
                if (abs(a.red - b.red) > VISIBLE || abs(a.green - b.green) > VISIBLE || abs(a.blue - b.blue) > VISIBLE) different++
            }
        }
        return different.toDouble() / (one.width * one.height)
    }

    /** A tenth of a colour's range: smoothing of edges stays below it. */
    private const val VISIBLE = 0.1f

    /** A line of text that moved by a pixel is more. */
    private const val TOLERATED = 0.002
}
