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
import org.permesso.ui.SavedContacts
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
            assertEquals(SavedContacts(added = 2), book.save(vcards(listOf(grace, linus))))
            assertEquals(listOf(null, null), contacts.accounts)
            assertEquals(listOf(grace, linus), cards(book.read()))
            val again = book.save(vcards(listOf(grace, BookCard("Ada", "permesso:ada"), linus)))
            assertEquals(SavedContacts(added = 1, unchanged = 2), again)
            assertEquals(listOf("Grace, the 1st", "Linus", "Ada"), cards(book.read()).map { it.name })
        }

    @Test
    fun `a note that its owner went on writing is known all the same`(): Unit =
        runBlocking {
            contacts().add("Mrs Hopper", Note.CONTENT_ITEM_TYPE to "Met in Rome.\n${grace.note}\nLikes tea")
            assertEquals(SavedContacts(unchanged = 1), book.save(vcards(listOf(grace))))
            assertEquals("Met in Rome.\n${grace.note}\nLikes tea", cards(book.read()).single().note)
        }

    @Test
    fun `a friend with another name, a name of one's own or another address is the same contact, brought up to date`(): Unit =
        runBlocking {
            val contacts = contacts()
            book.save(vcards(listOf(grace, linus)))
            val renamed = BookCard("Gracie", "permesso:GRACE?alias=Gracie&at=10.0.0.1:7")
            assertEquals(SavedContacts(updated = 1), book.save(vcards(listOf(renamed))))
            assertEquals(listOf("Gracie", "Linus"), contacts.names)
            assertEquals(listOf(renamed, linus), cards(book.read()))
            val own = renamed.copy(name = "My sister")
            assertEquals(SavedContacts(updated = 1, unchanged = 1), book.save(vcards(listOf(own, linus))))
            assertEquals(SavedContacts(unchanged = 2), book.save(vcards(listOf(own, linus))))
            assertEquals(SavedContacts(updated = 1), book.save(vcards(listOf(own.copy(name = "Grace at work")))))
            assertEquals(listOf("Grace at work", "Linus"), contacts.names)
        }

    @Test
    fun `a name that the owner of the address book gave stays, and so does what else stands in the note`(): Unit =
        runBlocking {
            val contacts = contacts()
            contacts.add("Mrs Hopper", Note.CONTENT_ITEM_TYPE to "Met in Rome.\n${grace.note}\nLikes tea")
            val renamed = BookCard("Gracie", "permesso:grace?alias=Gracie")
            assertEquals(SavedContacts(updated = 1), book.save(vcards(listOf(renamed))))
            assertEquals("Met in Rome.\n${renamed.note}\nLikes tea", cards(book.read()).single().note)
            assertEquals(listOf("Mrs Hopper"), contacts.names)
            assertEquals(SavedContacts(unchanged = 1), book.save(vcards(listOf(renamed))))
        }

    @Test
    fun `of a friend whom an older version saved twice nothing is added, and what is up to date stays`(): Unit =
        runBlocking {
            val contacts = contacts()
            for (name in listOf("Grace", "Gracie")) contacts.add(name, Note.CONTENT_ITEM_TYPE to "permesso:grace?alias=$name")
            assertEquals(SavedContacts(unchanged = 1), book.save(vcards(listOf(BookCard("Gracie", "permesso:grace?alias=Gracie")))))
            assertEquals(listOf("Grace", "Gracie"), contacts.names)
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
    fun `where new contacts go into an account alone, no account gets to know of a friend, and who is there is brought up to date`(): Unit =
        runBlocking {
            val contacts = contacts()
            book.save(vcards(listOf(grace, linus)))
            contacts.isInCloud = true
            val friends = listOf(BookCard("Ada", "permesso:ada"), linus, grace.copy(name = "Gracie"))
            assertEquals(SavedContacts(updated = 1, unchanged = 1, refused = 1), book.save(vcards(friends)))
            assertEquals(listOf("Gracie", "Linus"), contacts.names)
            assertEquals(listOf(null, null), contacts.accounts)
        }

    @Test
    fun `a mistake of the address book's own, or a permission that is gone, is told`(): Unit =
        runBlocking {
            val contacts = contacts()
            for (mistake in listOf(SecurityException("not for you"), IllegalStateException("a mistake"))) {
                contacts.trouble = mistake
                val trouble = runCatching { book.save(vcards(listOf(grace))) }.exceptionOrNull()
                assertTrue("$trouble", trouble is PermessoException.System)
            }
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
