package org.permesso.desktop

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.permesso.ffi.PermessoException
import org.permesso.ui.Files
import org.permesso.ui.Luminance
import org.permesso.ui.Pictures
import org.permesso.ui.words.Strings
import java.awt.Component
import java.awt.Image
import java.awt.Toolkit
import java.awt.datatransfer.DataFlavor
import java.awt.datatransfer.StringSelection
import java.awt.image.BufferedImage
import java.io.File
import java.io.IOException
import java.nio.file.StandardCopyOption
import javax.imageio.ImageIO
import javax.swing.JFileChooser
import javax.swing.JOptionPane
import java.nio.file.Files as Paths

/** Files by the dialogs of Swing, which every desktop has and a keyboard can use. */
internal class ChosenFiles(
    private val parent: () -> Component?,
    private val words: () -> Strings,
) : Files {
    override suspend fun save(
        name: String,
        type: String,
        write: suspend (File) -> Unit,
    ): Boolean {
        val chooser = JFileChooser().apply { selectedFile = File(currentDirectory, name) }
        if (chooser.showSaveDialog(parent()) != JFileChooser.APPROVE_OPTION) return false
        val chosen = chooser.selectedFile
        if (chosen.exists() && !isToBeReplaced(chosen)) return false
        // Beside it: what is there stays until the new one is whole.
        val fresh = File(chosen.absoluteFile.parentFile, ".${chosen.name}.new")
        fresh.delete()
        try {
            write(fresh)
            Paths.move(fresh.toPath(), chosen.toPath(), StandardCopyOption.REPLACE_EXISTING)
        } finally {
            fresh.delete()
        }
        return true
    }

    override suspend fun <T : Any> open(
        type: String,
        read: suspend (File) -> T,
    ): T? {
        val chooser = JFileChooser()
        if (chooser.showOpenDialog(parent()) != JFileChooser.APPROVE_OPTION) return null
        val chosen = chooser.selectedFile
        if (!chosen.isFile || !chosen.canRead()) throw PermessoException.Damaged("$chosen cannot be read")
        return read(chosen)
    }

    private fun isToBeReplaced(file: File): Boolean {
        val answer =
            JOptionPane.showConfirmDialog(parent(), words().desktopReplaceFile(file.name), NAME, JOptionPane.OK_CANCEL_OPTION)
        return answer == JOptionPane.OK_OPTION
    }
}

/** Pictures with a code: a file, or what was copied in another program. */
internal class ChosenPictures(
    private val parent: () -> Component?,
) : Pictures {
    override suspend fun choose(): Luminance? {
        val chooser = JFileChooser()
        if (chooser.showOpenDialog(parent()) != JFileChooser.APPROVE_OPTION) return null
        val chosen = chooser.selectedFile
        return withContext(Dispatchers.IO) { luminance(picture(chosen) ?: throw PermessoException.Damaged("$chosen is no picture")) }
    }

    override suspend fun paste(): Luminance? =
        withContext(Dispatchers.IO) {
            val image = clipboard<Image>(DataFlavor.imageFlavor)
            val file = if (image == null) clipboard<List<File>>(DataFlavor.javaFileListFlavor)?.firstOrNull() else null
            (image?.let(::drawn) ?: file?.let(::picture))?.let(::luminance)
        }

    internal companion object {
        /** As large as any screen there is; a larger picture is not one of a code. */
        private const val PIXELS_MAX = 64_000_000L

        private fun picture(file: File): BufferedImage? =
            try {
                ImageIO.createImageInputStream(file)?.use { stream ->
                    val reader = ImageIO.getImageReaders(stream).asSequence().firstOrNull() ?: return null
                    reader.input = stream
                    // Before it is unpacked: a small file may claim to be huge.
                    if (reader.getWidth(0).toLong() * reader.getHeight(0) > PIXELS_MAX) null else reader.read(0)
                }
            } catch (_: IOException) {
                null
            } catch (_: IllegalArgumentException) {
                // What some readers say of a broken file.
                null
            }

        private fun drawn(image: Image): BufferedImage? {
            if (image is BufferedImage) return image
            val (width, height) = image.getWidth(null) to image.getHeight(null)
            if (width <= 0 || height <= 0 || width.toLong() * height > PIXELS_MAX) return null
            return BufferedImage(width, height, BufferedImage.TYPE_INT_RGB).also { it.createGraphics().drawImage(image, 0, 0, null) }
        }

        /** The brightness of each pixel by the weights of television; what is transparent counts as white. */
        fun luminance(picture: BufferedImage): Luminance {
            val bytes = ByteArray(picture.width * picture.height)
            val row = IntArray(picture.width)
            for (y in 0 until picture.height) {
                picture.getRGB(0, y, picture.width, 1, row, 0, picture.width)
                for ((x, pixel) in row.withIndex()) {
                    val (red, green, blue) = Triple(pixel shr 16 and 0xFF, pixel shr 8 and 0xFF, pixel and 0xFF)
                    val opaque = pixel ushr 24
                    val grey = (red * 299 + green * 587 + blue * 114) / 1000
                    bytes[y * picture.width + x] = ((grey * opaque + 255 * (255 - opaque)) / 255).toByte()
                }
            }
            return Luminance(bytes, picture.width, picture.width, picture.height)
        }
    }
}

/** Puts a text on the clipboard. */
internal fun copy(text: String) {
    // Another program may hold the clipboard; then nothing is copied, as everywhere.
    runCatching { Toolkit.getDefaultToolkit().systemClipboard.setContents(StringSelection(text), null) }
}

/** What is on the clipboard, if it is of that kind. */
internal inline fun <reified T : Any> clipboard(flavor: DataFlavor): T? =
    try {
        Toolkit.getDefaultToolkit().systemClipboard.getData(flavor) as? T
    } catch (_: java.awt.datatransfer.UnsupportedFlavorException) {
        null
    } catch (_: IOException) {
        null
    } catch (_: IllegalStateException) {
        // Another program holds it.
        null
    }
