package org.permesso.app

import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.permesso.ui.isQuiet
import java.time.LocalTime

internal class CardsTest {
    @Test
    fun `cards as the core writes them are read, folded lines and escaped letters with them`() {
        val text =
            "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:urn:uuid:1\r\nFN:Grace\\, the 1st\r\nIMPP;PREF=1:permesso:abc\r\n" +
                "NOTE:permesso:abc\r\n def\\;x\r\nEND:VCARD\r\nBEGIN:VCARD\r\nFN:Bob\r\nEND:VCARD\r\n"
        assertEquals(listOf(BookCard("Grace, the 1st", "permesso:abcdef;x")), cards(text))
    }

    @Test
    fun `what is written is read as it was`() {
        val cards = listOf(BookCard("Ada; \\ née, B\nC", "met in Rome\npermesso:abc"), BookCard("Grace", "permesso:x,y"))
        assertEquals(cards, cards(vcards(cards)))
    }

    @Test
    fun `quiet hours go over midnight, and what is none is not quiet`() {
        assertTrue(isQuiet("22:00-07:00", LocalTime.parse("06:59")))
        assertFalse(isQuiet("22:00-07:00", LocalTime.parse("07:00")))
        assertTrue(isQuiet("13:00-14:00", LocalTime.parse("13:00")))
        for (none in listOf(null, "", "22-7", "nonsense")) assertFalse(isQuiet(none, LocalTime.parse("23:00")))
    }
}
