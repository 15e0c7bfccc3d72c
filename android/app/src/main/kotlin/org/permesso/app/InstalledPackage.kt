package org.permesso.app

import android.content.ClipData
import android.content.Context
import android.content.Intent
import androidx.core.content.FileProvider
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.permesso.ui.OwnPackage
import org.permesso.ui.Processor
import java.io.File
import java.io.IOException
import java.util.TreeSet
import java.util.zip.ZipFile

/** The app as it is installed, to be handed to a neighbour. */
internal class InstalledPackage private constructor(
    private val context: Context,
    private val file: File,
    private val go: (Intent) -> Boolean,
) : OwnPackage {
    override val bytes: Long get() = file.length()

    // A release has a package for each kind, and one for all.
    override val processors: Set<Processor> by lazy {
        val there =
            try {
                ZipFile(file).use { zip -> zip.entries().asSequence().mapNotNullTo(TreeSet()) { processor(it.name) } }
            } catch (failure: IOException) {
                android.util.Log.w("permesso", failure)
                emptySet()
            }
        if (there.size == Processor.entries.size) emptySet() else there
    }

    override suspend fun share() {
        val copy = withContext(Dispatchers.IO) { copied() }
        val uri = FileProvider.getUriForFile(context, "${context.packageName}.files", copy)
        val send =
            Intent(Intent.ACTION_SEND)
                .setType("application/vnd.android.package-archive")
                .putExtra(Intent.EXTRA_STREAM, uri)
                .addFlags(Intent.FLAG_GRANT_READ_URI_PERMISSION)
        send.clipData = ClipData.newRawUri(null, uri)
        go(Intent.createChooser(send, null))
    }

    /** A copy under a name that says what it is: the installed one is called base.apk. */
    private fun copied(): File {
        val folder = File(context.cacheDir, FOLDER).apply { mkdirs() }
        val fresh = File(folder, "fresh")
        try {
            file.copyTo(fresh, overwrite = true)
            val copy = File(folder, "Permesso.apk")
            // In one step: who was offered the one before receives that or the new one, and no half of it.
            if (!fresh.renameTo(copy)) throw IOException("$copy cannot be replaced")
            return copy
        } finally {
            fresh.delete()
        }
    }

    companion object {
        private const val FOLDER = "shared"

        /** Whom a file of an installed app is for, if it is code for some processor. */
        private fun processor(file: String): Processor? =
            when (file.removePrefix("lib/").takeIf { file.startsWith("lib/") }?.substringBefore('/')) {
                "arm64-v8a" -> Processor.ARM_64
                "armeabi-v7a" -> Processor.ARM_32
                "x86_64" -> Processor.X86_64
                else -> null
            }

        /** Null where the app came in parts made for this phone alone, which another cannot install. */
        fun of(
            context: Context,
            go: (Intent) -> Boolean,
        ): InstalledPackage? {
            val info = context.applicationInfo
            return if (info.splitSourceDirs.isNullOrEmpty()) InstalledPackage(context, File(info.sourceDir), go) else null
        }
    }
}
