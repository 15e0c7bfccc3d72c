package org.permesso.app

/** What of a vCard an address book needs: a name and the note, in which a `permesso:` URI stands. */
internal data class BookCard(
    val name: String,
    val note: String,
)

/** The cards of a text, as the core writes them; one without a name or a `permesso:` URI is passed over. */
internal fun cards(text: String): List<BookCard> {
    val found = mutableListOf<BookCard>()
    var name: String? = null
    var note: String? = null
    for (line in unfolded(text)) {
        val property = line.substringBefore(':').substringBefore(';').uppercase(java.util.Locale.ROOT)
        val value = plain(line.substringAfter(':', ""))
        when (property) {
            "BEGIN" -> {
                name = null
                note = null
            }

            "FN" -> {
                name = value
            }

            "NOTE" -> {
                note = value
            }

            "END" -> {
                if (name != null && note != null && SCHEME in note) found += BookCard(name, note)
            }
        }
    }
    return found
}

/** The same as a text that the core reads. */
internal fun vcards(cards: List<BookCard>): String =
    cards.joinToString("") { card ->
        "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:${escaped(card.name)}\r\nNOTE:${escaped(card.note)}\r\nEND:VCARD\r\n"
    }

/** How a code begins. */
internal const val SCHEME: String = "permesso:"

// A line that begins with a space goes on with the one before (RFC 6350, 3.2).
private fun unfolded(text: String): List<String> = text.replace(Regex("\r?\n[ \t]"), "").lines().filter { it.isNotEmpty() }

private fun plain(value: String): String =
    Regex("\\\\(.)").replace(value) {
        if (it.groupValues[1] in
            setOf("n", "N")
        ) {
            "\n"
        } else {
            it.groupValues[1]
        }
    }

private fun escaped(value: String): String = value.replace(Regex("[\\\\,;]")) { "\\${it.value}" }.replace(Regex("\r?\n"), "\\\\n")
