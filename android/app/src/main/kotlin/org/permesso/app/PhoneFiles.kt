package org.permesso.app

import android.content.ClipboardManager
import android.content.Context
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.net.Uri
import android.provider.DocumentsContract
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.withContext
import org.permesso.ffi.PermessoException
import org.permesso.ui.Files
import org.permesso.ui.Luminance
import org.permesso.ui.Pictures
import java.io.File
import java.io.FileNotFoundException
import java.io.IOException
import java.io.OutputStream

/** Files by Android's own chooser: no permission is needed, and what is chosen may lie anywhere. */
internal class PhoneFiles(
    private val context: Context,
    private val answers: Answers,
) : Files {
    override suspend fun save(
        name: String,
        type: String,
        write: suspend (File) -> Unit,
    ): Boolean {
        val place = answers.create(name, type) ?: return false
        var began = false
        try {
            inPassing { file ->
                write(file)
                withContext(Dispatchers.IO) {
                    val output = lasting { context.contentResolver.openOutputStream(place, "wt") ?: throw FileNotFoundException("$place") }
                    began = true
                    output.use { lasting { file.inputStream().use { input -> input.copyTo(it) } } }
                }
            }
        } catch (failure: Throwable) {
            // What was cut off, or is empty, would be taken for a backup; one that stood there before goes on being one.
            withContext(NonCancellable + Dispatchers.IO) {
                if (began || isEmpty(place)) runCatching { DocumentsContract.deleteDocument(context.contentResolver, place) }
            }
            throw failure
        }
        return true
    }

    override suspend fun <T : Any> open(
        type: String,
        read: suspend (File) -> T,
    ): T? {
        val place = answers.open(type) ?: return null
        return inPassing { file ->
            withContext(Dispatchers.IO) { file.outputStream().use { copy(place, it) } }
            read(file)
        }
    }

    private fun copy(
        place: Uri,
        to: OutputStream,
    ) {
        val input = legible { context.contentResolver.openInputStream(place) ?: throw FileNotFoundException("$place") }
        input.use {
            val buffer = ByteArray(DEFAULT_BUFFER_SIZE)
            while (true) {
                val count = legible { it.read(buffer) }
                if (count < 0) return
                to.write(buffer, 0, count)
            }
        }
    }

    private fun isEmpty(place: Uri): Boolean =
        try {
            legible { context.contentResolver.openInputStream(place)?.use { it.read() < 0 } ?: false }
        } catch (_: PermessoException.Damaged) {
            false
        }

    /** The core reads and writes files, Android gives streams. */
    private suspend fun <T> inPassing(action: suspend (File) -> T): T {
        val folder = passing(context).apply { mkdirs() }
        val file =
            File(
                folder,
                java.util.UUID
                    .randomUUID()
                    .toString(),
            )
        try {
            return action(file)
        } finally {
            file.delete()
        }
    }
}

/** Where files stand that go from the core to another app, or from there to it: what was rescued among them, in plain text. */
internal fun passing(context: Context): File = File(context.cacheDir, "passing")

/** Reads what another app gives; that it cannot be read is something else than that nothing can be stored. */
private fun <T> legible(action: () -> T): T =
    try {
        action()
    } catch (failure: IOException) {
        throw PermessoException.Damaged("$failure")
    } catch (failure: RuntimeException) {
        // Not allowed any more, or the other app's own mistake, which Android hands over.
        throw PermessoException.Damaged("$failure")
    }

/** Writes to where another app keeps it. */
private fun <T> lasting(action: () -> T): T =
    try {
        action()
    } catch (failure: RuntimeException) {
        // As above.
        throw IOException(failure)
    }

/** Pictures with a code. */
internal class PhonePictures(
    private val context: Context,
    private val answers: Answers,
) : Pictures {
    override suspend fun choose(): Luminance? {
        val place = answers.open("image/*") ?: return null
        return luminance(place) ?: throw PermessoException.Damaged("$place is no picture")
    }

    override suspend fun paste(): Luminance? {
        val clip = context.getSystemService(ClipboardManager::class.java).primaryClip
        val place = clip?.takeIf { it.itemCount > 0 }?.getItemAt(0)?.uri
        return place?.let { luminance(it) }
    }

    private suspend fun luminance(place: Uri): Luminance? =
        withContext(Dispatchers.IO) {
            try {
                val sizes = BitmapFactory.Options().apply { inJustDecodeBounds = true }
                context.contentResolver.openInputStream(place)?.use { BitmapFactory.decodeStream(it, null, sizes) }
                val options = BitmapFactory.Options().apply { inSampleSize = shrinking(sizes.outWidth, sizes.outHeight) }
                val bitmap = context.contentResolver.openInputStream(place)?.use { BitmapFactory.decodeStream(it, null, options) }
                bitmap?.let(::brightness)
            } catch (_: IOException) {
                null
            } catch (_: RuntimeException) {
                // Another app put it there for somebody else, or makes a mistake of its own.
                null
            }
        }

    internal companion object {
        /** Pixels a side: a code is read at far less, and a photograph of a camera would not fit into memory. */
        private const val SIDE_MAX = 2_048

        /** By how much, a power of two. */
        fun shrinking(
            width: Int,
            height: Int,
        ): Int = generateSequence(1) { it * 2 }.first { maxOf(width, height) / it <= SIDE_MAX }

        /** The brightness of each pixel by the weights of television; what is transparent counts as white. */
        fun brightness(bitmap: Bitmap): Luminance {
            val (width, height) = bitmap.width to bitmap.height
            val bytes = ByteArray(width * height)
            val row = IntArray(width)
            for (y in 0 until height) {
                bitmap.getPixels(row, 0, width, 0, y, width, 1)
                for ((x, pixel) in row.withIndex()) bytes[y * width + x] = grey(pixel).toByte()
            }
            return Luminance(bytes, width, width, height)
        }

        private fun grey(pixel: Int): Int {
            val grey = ((pixel shr 16 and 0xFF) * 299 + (pixel shr 8 and 0xFF) * 587 + (pixel and 0xFF) * 114) / 1000
            val opaque = pixel ushr 24
            return (grey * opaque + 255 * (255 - opaque)) / 255
        }
    }
}
