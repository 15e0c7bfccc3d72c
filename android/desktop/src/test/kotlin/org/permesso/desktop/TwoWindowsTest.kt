package org.permesso.desktop

import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.permesso.Loopback
import org.permesso.ui.words.EnglishStrings
import java.io.File

/** Two people with the program as it is shipped, the real core under it, real keys and a real mouse; judged by what they see. */
internal class TwoWindowsTest {
    @TempDir
    lateinit var folder: File

    private val words = EnglishStrings
    private val jar = System.getProperty("permesso.jar")

    private val loopback = Loopback()

    @Test
    fun `two windows find each other, become friends and chat, and what is written meanwhile waits for the one who is away`() {
        ScreenOfItsOwn.open("two windows that chat").use { screen ->
            val pictures = Pictures(screen)
            val adas = loopback.home(File(folder, "ada"), 1)
            val graces = loopback.home(File(folder, "grace"), 2)
            act(screen, pictures, adas, graces)
        }
    }

    private fun act(
        screen: ScreenOfItsOwn,
        pictures: Pictures,
        adas: File,
        graces: File,
    ) {
        Person(screen, "Ada", adas, 0, jar).use { ada ->
            Person(screen, "Grace", graces, 940, jar).use { grace ->
                ada.beginAs("Ada")
                pictures.take("first-run")
                beginByKeyboard(grace, "Grace")
                pictures.take("both-here")
                befriend(ada, grace, pictures)
                chat(ada, grace)
                pictures.take("chat")
                copyAndPaste(ada)
                saveContacts(ada, pictures)
                grace.quit()
            }
            ada.see(words.away)
            ada.writes("See you at eight?")
            ada.see(words.fateQueued)
            pictures.take("grace-is-away")
            Person(screen, "Grace", graces, 940, jar).use { grace ->
                grace.see("See you at eight?")
                ada.seeTogether("See you at eight?", words.fateDelivered)
                ada.see(words.hereNow)
                pictures.take("grace-is-back")
                grace.quit()
            }
            ada.quit()
        }
    }

    private fun beginByKeyboard(
        person: Person,
        alias: String,
    ) {
        person.tabTo(words.yourName)
        person.type(alias)
        person.see(alias, "text")
        person.tabTo(words.begin)
        person.press("Return")
        person.see(words.peopleTitle)
    }

    private fun befriend(
        ada: Person,
        grace: Person,
        pictures: Pictures,
    ) {
        ada.click(words.findTitle, "push button")
        ada.click(words.findWhat, "text")
        ada.type("gra")
        ada.see("gra", "text")
        ada.seeTrying(words.foundAreClaims) { ada.press("Return") }
        pictures.take("found")
        ada.click("Grace", "push button")
        ada.click(words.askFriendship, "push button")
        ada.click(words.greetingWhat, "text")
        ada.type("Ciao!")
        ada.see("Ciao!", "text")
        ada.click(words.askFriendship, "push button")
        grace.see(words.accept, "push button")
        pictures.take("asked")
        grace.click(words.accept, "push button")
        ada.click(words.write, "push button")
        grace.click("Ada", "push button")
    }

    private fun chat(
        ada: Person,
        grace: Person,
    ) {
        ada.writes("Are you there?")
        grace.see("Are you there?")
        grace.writes("Here I am")
        ada.see("Here I am")
        ada.see(words.fateDelivered)
    }

    /** By the clipboard of the screen, as another program would have it. */
    private fun copyAndPaste(person: Person) {
        person.click("Grace, Here I am", "push button")
        person.click(words.copy, "push button")
        person.seeNo(words.messageTitle)
        person.click(words.writeHere, "text")
        person.press("ctrl+v")
        person.see("Here I am", "text")
        person.press("ctrl+a")
        person.press("Delete")
    }

    /** By the dialog for files, with the keyboard. */
    private fun saveContacts(
        person: Person,
        pictures: Pictures,
    ) {
        val file = File(folder, "contacts.vcf")
        person.click(words.moreTitle, "push button")
        person.click(words.accountTitle, "push button")
        person.click(words.contactsToFile, "push button")
        person.see("permesso.vcf")
        pictures.take("dialog")
        person.press("ctrl+a")
        person.type(file.path)
        person.press("Return")
        person.see(words.contactsSaved(1))
        check("Grace" in file.readText()) { file.readText() }
        person.click("Grace", "push button")
        person.see(words.writeHere, "text")
    }

    private fun Person.writes(text: String) {
        click(words.writeHere, "text")
        type(text)
        see(text, "text")
        click(words.send, "push button")
        see(text)
    }
}
