package org.permesso.app

import android.content.ClipboardManager
import android.content.Context
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.net.Uri
import android.provider.DocumentsContract
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.permesso.ui.Files
import org.permesso.ui.Luminance
import org.permesso.ui.Pictures
import java.io.File
import java.io.FileNotFoundException
import java.io.IOException

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
        try {
            inPassing { file ->
                write(file)
                withContext(Dispatchers.IO) {
                    val output = context.contentResolver.openOutputStream(place, "wt") ?: throw FileNotFoundException("$place")
                    output.use { file.inputStream().use { input -> input.copyTo(it) } }
                }
            }
        } catch (failure: Throwable) {
            // An empty file would be taken for a backup.
            withContext(kotlinx.coroutines.NonCancellable + Dispatchers.IO) {
                runCatching { DocumentsContract.deleteDocument(context.contentResolver, place) }
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
            withContext(Dispatchers.IO) {
                val input = context.contentResolver.openInputStream(place) ?: throw FileNotFoundException("$place")
                input.use { file.outputStream().use { output -> it.copyTo(output) } }
            }
            read(file)
        }
    }

    /** The core reads and writes files, Android gives streams. */
    private suspend fun <T> inPassing(action: suspend (File) -> T): T {
        val folder = File(context.cacheDir, "passing").apply { mkdirs() }
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

/** Pictures with a code. */
internal class PhonePictures(
    private val context: Context,
    private val answers: Answers,
) : Pictures {
    override suspend fun choose(): Luminance? = answers.open("image/*")?.let { luminance(it) }

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
            } catch (_: SecurityException) {
                // Another app put it there for somebody else.
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
