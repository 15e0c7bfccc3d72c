package org.permesso.app

import android.app.Application
import android.provider.ContactsContract
import android.provider.ContactsContract.CommonDataKinds.Note
import android.provider.ContactsContract.CommonDataKinds.Website
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.permesso.ffi.PermessoException
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

/** The phone's address book, through Android's own way to it. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26, 35], manifest = Config.NONE, application = Application::class)
internal class AddressBookTest {
    private val book by lazy { PhoneAddressBook(RuntimeEnvironment.getApplication().contentResolver) }

    private fun contacts(): ContactsInMemory = Robolectric.setupContentProvider(ContactsInMemory::class.java, ContactsContract.AUTHORITY)

    private val grace = BookCard("Grace, the 1st", "permesso:grace?alias=Grace")
    private val linus = BookCard("Linus", "permesso:linus")

    @Test
    fun `friends are saved on the phone alone, found again with their codes, and saved once`(): Unit =
        runBlocking {
            val contacts = contacts()
            assertEquals(2, book.save(vcards(listOf(grace, linus))))
            assertEquals(listOf(null, null), contacts.accounts)
            assertEquals(listOf(grace, linus), cards(book.read()))
            assertEquals(1, book.save(vcards(listOf(grace, BookCard("Ada", "permesso:ada"), linus))))
            assertEquals(listOf("Grace, the 1st", "Linus", "Ada"), cards(book.read()).map { it.name })
        }

    @Test
    fun `a note that its owner went on writing is known all the same`(): Unit =
        runBlocking {
            contacts().add("Mrs Hopper", Note.CONTENT_ITEM_TYPE to "Met in Rome.\n${grace.note}\nLikes tea")
            assertEquals(0, book.save(vcards(listOf(grace))))
            assertEquals("Met in Rome.\n${grace.note}\nLikes tea", cards(book.read()).single().note)
        }

    @Test
    fun `other people, and what is no note, stay out of it`(): Unit =
        runBlocking {
            val contacts = contacts()
            contacts.add("A dentist", Note.CONTENT_ITEM_TYPE to "Tuesdays")
            contacts.add("A shop", Website.CONTENT_ITEM_TYPE to "permesso:shop")
            contacts.add(null, Note.CONTENT_ITEM_TYPE to "permesso:nameless")
            assertEquals(listOf(BookCard("", "permesso:nameless")), cards(book.read()))
        }

    @Test
    fun `a phone without an address book says so`(): Unit =
        runBlocking {
            for (action in listOf<suspend () -> Any>({ book.read() }, { book.save(vcards(listOf(grace))) })) {
                val trouble = runCatching { action() }.exceptionOrNull()
                assertTrue("$trouble", trouble is PermessoException.System)
            }
        }
}
