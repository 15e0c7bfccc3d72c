package org.permesso.app

import android.content.ClipData
import android.content.Context
import android.content.Intent
import androidx.core.content.FileProvider
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.permesso.ui.OwnPackage
import java.io.File
import java.io.IOException

/** The app as it is installed, to be handed to a neighbour. */
internal class InstalledPackage private constructor(
    private val context: Context,
    private val file: File,
    private val go: (Intent) -> Boolean,
) : OwnPackage {
    override val bytes: Long get() = file.length()

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
