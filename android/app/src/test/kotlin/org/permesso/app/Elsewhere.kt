package org.permesso.app

import android.content.ContentProvider
import android.content.ContentValues
import android.database.Cursor
import android.net.Uri
import android.os.Bundle
import android.os.ParcelFileDescriptor
import android.provider.DocumentsContract
import java.io.File

/** Another app that keeps documents, in [folder]; [trouble] is its own. */
internal class Elsewhere : ContentProvider() {
    lateinit var folder: File
    var trouble: Exception? = null

    /** Of what type it says its documents are. */
    var type: String = "text/vcard"

    fun file(place: Uri): File = File(folder, DocumentsContract.getDocumentId(place))

    override fun onCreate(): Boolean = true

    override fun openFile(
        uri: Uri,
        mode: String,
    ): ParcelFileDescriptor {
        trouble?.let { throw it }
        return ParcelFileDescriptor.open(file(uri), ParcelFileDescriptor.parseMode(mode))
    }

    override fun call(
        method: String,
        argument: String?,
        extras: Bundle?,
    ): Bundle {
        check(method == "android:deleteDocument") { method }
        @Suppress("DEPRECATION") // What came for it is missing on older ones.
        val place = checkNotNull(extras?.getParcelable<Uri>("uri"))
        check(file(place).delete()) { "$place is not there" }
        return Bundle()
    }

    override fun getType(uri: Uri): String = type

    override fun query(
        uri: Uri,
        columns: Array<out String>?,
        where: String?,
        arguments: Array<out String>?,
        order: String?,
    ): Cursor? = null

    override fun insert(
        uri: Uri,
        values: ContentValues?,
    ): Uri? = error("nothing is inserted")

    override fun update(
        uri: Uri,
        values: ContentValues?,
        where: String?,
        arguments: Array<out String>?,
    ): Int = error("nothing is changed")

    override fun delete(
        uri: Uri,
        where: String?,
        arguments: Array<out String>?,
    ): Int = error("nothing is removed")

    companion object {
        const val AUTHORITY = "org.permesso.elsewhere"

        fun place(name: String): Uri = DocumentsContract.buildDocumentUri(AUTHORITY, name)
    }
}
