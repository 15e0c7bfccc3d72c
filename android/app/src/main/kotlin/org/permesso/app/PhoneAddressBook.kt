package org.permesso.app

import android.content.ContentProviderOperation
import android.content.ContentResolver
import android.content.OperationApplicationException
import android.net.Uri
import android.os.RemoteException
import android.provider.ContactsContract
import android.provider.ContactsContract.CommonDataKinds.Note
import android.provider.ContactsContract.CommonDataKinds.StructuredName
import android.provider.ContactsContract.Data
import android.provider.ContactsContract.RawContacts
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.permesso.ffi.PermessoException
import org.permesso.ui.AddressBook
import org.permesso.ui.SavedContacts
import java.util.Locale

/** The phone's address book: a friend is a contact whose note holds the `permesso:` URI. It needs the permission for contacts. */
internal class PhoneAddressBook(
    private val resolver: ContentResolver,
) : AddressBook {
    override suspend fun save(vcards: String): SavedContacts =
        told {
            val known = known().groupBy { key(it.card.note) }
            var saved = SavedContacts()
            for (card in cards(vcards)) {
                // Those whom an older version saved twice: the one that needs nothing, if there is one.
                val there = known[key(card.note)].orEmpty().map { it to changes(it, card) }.minByOrNull { it.second.size }
                saved =
                    when {
                        there == null && add(card) -> saved.copy(added = saved.added + 1)
                        there == null -> saved.copy(refused = saved.refused + 1)
                        there.second.isEmpty() -> saved.copy(unchanged = saved.unchanged + 1)
                        else -> saved.copy(updated = saved.updated + 1).also { change(there.second) }
                    }
            }
            saved
        }

    /** Whether the address book takes it. From Android 16 on, where new contacts are kept in an account, it takes none that is in none. */
    private fun add(card: BookCard): Boolean =
        try {
            change(operations(card))
            true
        } catch (_: IllegalArgumentException) {
            false
        }

    private fun change(operations: List<ContentProviderOperation>) {
        resolver.applyBatch(ContactsContract.AUTHORITY, ArrayList(operations))
    }

    override suspend fun read(): String = told { vcards(known().map { it.card }) }

    /** Another app keeps the contacts: what goes wrong there is told, and does not end this one. */
    private suspend fun <T> told(action: () -> T): T =
        withContext(Dispatchers.IO) {
            try {
                action()
            } catch (trouble: OperationApplicationException) {
                throw PermessoException.System("the address book takes nothing: $trouble")
            } catch (trouble: RemoteException) {
                throw PermessoException.System("the address book does not answer: $trouble")
            } catch (trouble: RuntimeException) {
                // The permission was taken back meanwhile, or the other app's own mistake, which Android hands over.
                throw PermessoException.System("the address book refuses: $trouble")
            }
        }

    /**
     * A contact that is there.
     *
     * @property note The row of its note.
     * @property given The name under which this app saved it last, if it did.
     */
    private class Known(
        val contact: Long,
        val note: Long,
        val card: BookCard,
        val given: String?,
    )

    private fun known(): List<Known> {
        val columns = arrayOf(Data.RAW_CONTACT_ID, Data._ID, Data.DISPLAY_NAME, Note.NOTE, GIVEN)
        val where = "${Data.MIMETYPE} = ? AND ${Note.NOTE} LIKE ?"
        val found = mutableListOf<Known>()
        val answer = resolver.query(Data.CONTENT_URI, columns, where, arrayOf(Note.CONTENT_ITEM_TYPE, "%$SCHEME%"), null)
        (answer ?: throw PermessoException.System("there is no address book")).use { rows ->
            while (rows.moveToNext()) {
                val card = BookCard(rows.getString(2).orEmpty(), rows.getString(3).orEmpty())
                found += Known(rows.getLong(0), rows.getLong(1), card, rows.getString(4))
            }
        }
        return found
    }

    internal companion object {
        /** Beside the note, where nothing of Android's own stands: who changes the note does not change it. */
        const val GIVEN: String = Data.DATA2

        /** What makes a contact of a card, on the phone alone: no account gets to know of it. */
        fun operations(card: BookCard): List<ContentProviderOperation> =
            listOf(
                ContentProviderOperation
                    .newInsert(RawContacts.CONTENT_URI)
                    .withValue(RawContacts.ACCOUNT_TYPE, null)
                    .withValue(RawContacts.ACCOUNT_NAME, null)
                    .build(),
                data(StructuredName.CONTENT_ITEM_TYPE).withValue(StructuredName.DISPLAY_NAME, card.name).build(),
                data(Note.CONTENT_ITEM_TYPE).withValue(Note.NOTE, card.note).withValue(GIVEN, card.name).build(),
            )

        private fun data(type: String): ContentProviderOperation.Builder =
            ContentProviderOperation
                .newInsert(Data.CONTENT_URI)
                .withValueBackReference(Data.RAW_CONTACT_ID, 0)
                .withValue(Data.MIMETYPE, type)

        /** What brings a contact up to date. Neither a name that its owner gave nor what else stands in the note is touched. */
        private fun changes(
            known: Known,
            card: BookCard,
        ): List<ContentProviderOperation> {
            val (before, now) = uri(known.card.note).orEmpty() to uri(card.note).orEmpty()
            val isNamedHere = known.card.name == (known.given ?: alias(before))
            val isRenamed = isNamedHere && known.card.name != card.name
            if (before == now && !isRenamed) return emptyList()
            val note =
                ContentProviderOperation
                    .newUpdate(Data.CONTENT_URI)
                    .withSelection("${Data._ID} = ?", arrayOf("${known.note}"))
                    .withValue(Note.NOTE, known.card.note.replace(before, now))
            if (!isRenamed) return listOf(note.build())
            val name =
                ContentProviderOperation
                    .newUpdate(Data.CONTENT_URI)
                    .withSelection(
                        "${Data.RAW_CONTACT_ID} = ? AND ${Data.MIMETYPE} = ?",
                        arrayOf("${known.contact}", StructuredName.CONTENT_ITEM_TYPE),
                    ).withValue(StructuredName.DISPLAY_NAME, card.name)
            return listOf(note.withValue(GIVEN, card.name).build(), name.build())
        }

        /** The code in a note, to which people may have added something. */
        private fun uri(note: String): String? = Regex("$SCHEME\\S+").find(note)?.value

        /** Whom a code is of: alias and address in it change, the key does not. */
        private fun key(note: String): String? = uri(note)?.substringBefore('?')?.lowercase(Locale.ROOT)

        /** What a code says its host is called. */
        private fun alias(uri: String): String? = Uri.decode(uri.substringAfter("alias=", "").substringBefore('&')).ifEmpty { null }
    }
}
