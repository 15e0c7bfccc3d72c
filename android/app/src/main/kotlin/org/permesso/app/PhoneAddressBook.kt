package org.permesso.app

import android.content.ContentProviderOperation
import android.content.ContentResolver
import android.content.OperationApplicationException
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

/** The phone's address book: a friend is a contact whose note holds the `permesso:` URI. It needs the permission for contacts. */
internal class PhoneAddressBook(
    private val resolver: ContentResolver,
) : AddressBook {
    override suspend fun save(vcards: String): Int =
        told {
            val known = known().mapNotNullTo(mutableSetOf()) { uri(it.note) }
            val fresh = cards(vcards).filter { uri(it.note) !in known }
            for (card in fresh) resolver.applyBatch(ContactsContract.AUTHORITY, ArrayList(operations(card)))
            fresh.size
        }

    override suspend fun read(): String = told { vcards(known()) }

    /** Another app keeps the contacts: what goes wrong there is told, and does not end this one. */
    private suspend fun <T> told(action: () -> T): T =
        withContext(Dispatchers.IO) {
            try {
                action()
            } catch (trouble: OperationApplicationException) {
                throw PermessoException.System("the address book takes nothing: $trouble")
            } catch (trouble: RemoteException) {
                throw PermessoException.System("the address book does not answer: $trouble")
            } catch (trouble: SecurityException) {
                // The permission was taken back meanwhile.
                throw PermessoException.System("the address book is not allowed: $trouble")
            }
        }

    private fun known(): List<BookCard> {
        val columns = arrayOf(Data.DISPLAY_NAME, Note.NOTE)
        val where = "${Data.MIMETYPE} = ? AND ${Note.NOTE} LIKE ?"
        val found = mutableListOf<BookCard>()
        val answer = resolver.query(Data.CONTENT_URI, columns, where, arrayOf(Note.CONTENT_ITEM_TYPE, "%$SCHEME%"), null)
        (answer ?: throw PermessoException.System("there is no address book")).use { rows ->
            while (rows.moveToNext()) found += BookCard(rows.getString(0).orEmpty(), rows.getString(1).orEmpty())
        }
        return found
    }

    internal companion object {
        /** What makes a contact of a card, on the phone alone: no account gets to know of it. */
        fun operations(card: BookCard): List<ContentProviderOperation> =
            listOf(
                ContentProviderOperation
                    .newInsert(RawContacts.CONTENT_URI)
                    .withValue(RawContacts.ACCOUNT_TYPE, null)
                    .withValue(RawContacts.ACCOUNT_NAME, null)
                    .build(),
                data(StructuredName.CONTENT_ITEM_TYPE).withValue(StructuredName.DISPLAY_NAME, card.name).build(),
                data(Note.CONTENT_ITEM_TYPE).withValue(Note.NOTE, card.note).build(),
            )

        private fun data(type: String): ContentProviderOperation.Builder =
            ContentProviderOperation
                .newInsert(Data.CONTENT_URI)
                .withValueBackReference(Data.RAW_CONTACT_ID, 0)
                .withValue(Data.MIMETYPE, type)

        /** The code in a note, to which people may have added something. */
        private fun uri(note: String): String? = Regex("$SCHEME\\S+").find(note)?.value
    }
}
