package org.permesso.desktop

import androidx.compose.ui.geometry.Size
import androidx.compose.ui.graphics.Canvas
import androidx.compose.ui.graphics.ImageBitmap
import androidx.compose.ui.graphics.drawscope.CanvasDrawScope
import androidx.compose.ui.graphics.toAwtImage
import androidx.compose.ui.unit.Density
import androidx.compose.ui.unit.LayoutDirection
import java.awt.image.BufferedImage
import java.io.ByteArrayOutputStream
import java.io.DataOutputStream
import java.io.File
import javax.imageio.ImageIO

/** The program's picture as a file that a system shows for what is installed; the file's name says which. */
internal object PackedIcon {
    /** Writes it to the file that is named: `.png`, `.icns` for macOS, or `.ico` for Windows. */
    @JvmStatic
    fun main(arguments: Array<String>) {
        val file = File(arguments.single())
        val bytes =
            when (file.extension) {
                "png" -> png(LINUX)
                "icns" -> icns()
                "ico" -> ico()
                else -> throw IllegalArgumentException("no system has a picture as ${file.name}")
            }
        file.writeBytes(bytes)
    }

    /** It, with a side of that many pixels. */
    fun drawn(side: Int): BufferedImage {
        val bitmap = ImageBitmap(side, side)
        val size = Size(side.toFloat(), side.toFloat())
        CanvasDrawScope().draw(Density(1f), LayoutDirection.Ltr, Canvas(bitmap), size) { with(AppIcon) { draw(size) } }
        return bitmap.toAwtImage()
    }

    private fun png(side: Int): ByteArray = ByteArrayOutputStream().also { ImageIO.write(drawn(side), "png", it) }.toByteArray()

    /** Apple's form: a word for each size, the length of all that is its, and a PNG. */
    private fun icns(): ByteArray {
        val pictures = MACOS.map { (kind, side) -> kind to png(side) }
        val bytes = ByteArrayOutputStream()
        DataOutputStream(bytes).use { out ->
            out.writeBytes("icns")
            out.writeInt(ICNS_HEAD + pictures.sumOf { (_, picture) -> ICNS_HEAD + picture.size })
            for ((kind, picture) in pictures) {
                out.writeBytes(kind)
                out.writeInt(ICNS_HEAD + picture.size)
                out.write(picture)
            }
        }
        return bytes.toByteArray()
    }

    /** Windows' form: a table of sizes, depths, lengths and places, the lower byte first, and the PNGs. */
    private fun ico(): ByteArray {
        val pictures = WINDOWS.map { it to png(it) }
        val bytes = ByteArrayOutputStream()
        DataOutputStream(bytes).use { out ->
            fun short(number: Int) = listOf(number, number shr Byte.SIZE_BITS).forEach(out::writeByte)

            fun int(number: Int) = out.writeInt(Integer.reverseBytes(number))
            listOf(0, 1, pictures.size).forEach(::short)
            var place = ICO_HEAD + ICO_ROW * pictures.size
            for ((side, picture) in pictures) {
                // 256 does not fit: 0 stands for it.
                listOf(side, side, 0, 0).forEach(out::writeByte)
                listOf(1, DEPTH).forEach(::short)
                listOf(picture.size, place).forEach(::int)
                place += picture.size
            }
            for ((_, picture) in pictures) out.write(picture)
        }
        return bytes.toByteArray()
    }

    /** What desktops of Linux scale down from. */
    private const val LINUX = 512

    /** The kinds that hold a PNG on every macOS, also for screens of twice the density. */
    private val MACOS =
        listOf("ic11" to 32, "ic12" to 64, "ic07" to 128, "ic13" to 256, "ic08" to 256, "ic14" to 512, "ic09" to 512, "ic10" to 1024)

    /** What Windows shows in lists, on the desktop and as large tiles. */
    private val WINDOWS = listOf(16, 24, 32, 48, 64, 256)

    private const val ICNS_HEAD = 8
    private const val ICO_HEAD = 6
    private const val ICO_ROW = 16

    /** Bits of a pixel, with its transparency. */
    private const val DEPTH = 32
}
