package org.permesso.app

import android.content.ContentProvider
import android.content.ContentValues
import android.database.Cursor
import android.database.sqlite.SQLiteDatabase
import android.net.Uri
import android.provider.ContactsContract.CommonDataKinds.StructuredName
import android.provider.ContactsContract.Data
import android.provider.ContactsContract.RawContacts

/** An address book with the tables, columns and batches of Android's own, so far as this app asks for them. */
internal class ContactsInMemory : ContentProvider() {
    private val book: SQLiteDatabase by lazy {
        SQLiteDatabase.create(null).apply {
            execSQL("CREATE TABLE raw_contacts (_id INTEGER PRIMARY KEY, account_type TEXT, account_name TEXT, display_name TEXT)")
            execSQL(
                "CREATE TABLE data (_id INTEGER PRIMARY KEY, raw_contact_id INTEGER NOT NULL, mimetype TEXT NOT NULL, " +
                    "data1 TEXT, data2 TEXT)",
            )
            execSQL(
                "CREATE VIEW view_data AS SELECT data.*, display_name FROM data " +
                    "JOIN raw_contacts ON raw_contacts._id = data.raw_contact_id",
            )
        }
    }

    /** The accounts that contacts belong to. */
    val accounts: List<String?>
        get() =
            buildList {
                book.rawQuery("SELECT account_type FROM raw_contacts ORDER BY _id", null).use { rows ->
                    while (rows.moveToNext()) add(rows.getString(0))
                }
            }

    /** The names of all contacts. */
    val names: List<String?>
        get() =
            buildList {
                book.rawQuery("SELECT display_name FROM raw_contacts ORDER BY _id", null).use { rows ->
                    while (rows.moveToNext()) add(rows.getString(0))
                }
            }

    /** A contact that somebody else made: its name, and its rows by type. */
    fun add(
        name: String?,
        vararg rows: Pair<String, String>,
    ) {
        val id = book.insertOrThrow("raw_contacts", null, ContentValues().apply { put("display_name", name) })
        for ((type, text) in rows) {
            val row =
                ContentValues().apply {
                    put(Data.RAW_CONTACT_ID, id)
                    put(Data.MIMETYPE, type)
                    put("data1", text)
                }
            book.insertOrThrow("data", null, row)
        }
    }

    /** Whether new contacts go into an account alone, as from Android 16 on where the user chose one that is in the cloud. */
    var isInCloud = false

    /** Its own mistake. */
    var trouble: RuntimeException? = null

    override fun onCreate(): Boolean = true

    override fun insert(
        uri: Uri,
        values: ContentValues?,
    ): Uri {
        val isData = uri == Data.CONTENT_URI
        check(isData || uri == RawContacts.CONTENT_URI) { "$uri" }
        // As it stands in Android's own address book.
        require(isData || !isInCloud || values?.getAsString(RawContacts.ACCOUNT_TYPE) != null) {
            "Cannot add contacts to local or SIM accounts when default account is set to cloud"
        }
        val id = book.insertOrThrow(if (isData) "data" else "raw_contacts", null, values)
        if (isData) nameContacts()
        return Uri.withAppendedPath(uri, "$id")
    }

    override fun query(
        uri: Uri,
        columns: Array<out String>?,
        where: String?,
        arguments: Array<out String>?,
        order: String?,
    ): Cursor {
        trouble?.let { throw it }
        check(uri == Data.CONTENT_URI) { "$uri" }
        return book.query("view_data", columns, where, arguments, null, null, order)
    }

    override fun getType(uri: Uri): String? = null

    override fun update(
        uri: Uri,
        values: ContentValues?,
        where: String?,
        arguments: Array<out String>?,
    ): Int {
        check(uri == Data.CONTENT_URI) { "$uri" }
        return book.update("data", values, where, arguments).also { nameContacts() }
    }

    /** A contact is called as its row for the name says, if it has one. */
    private fun nameContacts() {
        val name = "SELECT data1 FROM data WHERE raw_contact_id = raw_contacts._id AND mimetype = ?"
        book.execSQL("UPDATE raw_contacts SET display_name = coalesce(($name), display_name)", arrayOf(StructuredName.CONTENT_ITEM_TYPE))
    }

    override fun delete(
        uri: Uri,
        where: String?,
        arguments: Array<out String>?,
    ): Int = error("nothing is removed")
}
