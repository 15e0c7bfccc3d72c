package org.permesso.testing

import org.permesso.SettingsChange
import org.permesso.ffi.PermessoException
import java.util.UUID

// The limits and the errors are those of the library.

/** Host links open at a time. */
internal const val HOST_LINKS_MAX: Int = 64

/** Half of an emoji is none. */
internal fun checkTexts(vararg texts: String?) {
    if (texts.any { it != null && !Charsets.UTF_8.newEncoder().canEncode(it) }) {
        throw PermessoException.InvalidInput("what was given is no text: it holds half of a character")
    }
}

internal fun checkAlias(alias: String): Unit = checkText("an alias", alias, 1..64)

internal fun checkText(
    what: String,
    text: String,
    bytes: IntRange,
) {
    val size = text.encodeToByteArray().size
    if (size < bytes.first) throw PermessoException.InvalidInput("$what cannot be empty")
    if (size > bytes.last) throw PermessoException.InvalidInput("$what has at most ${bytes.last} bytes, not $size")
}

/** As a host checks it whose configuration says nothing else. */
internal fun checkChange(change: SettingsChange) {
    change.alias?.let(::checkAlias)
    checkRange("the port", change.port?.toULong(), 1uL..65_535uL)
    checkRange("the history limit", change.historyLimit?.toULong(), 1uL..1_000_000uL)
    checkRange("the outbox limit", change.outboxLimit?.toULong(), 1uL..99_999uL)
    checkRange("the outbox expiry in ms", change.outboxExpiryMs, 60_000uL..31_536_000_000uL)
    checkRange("the storage for others in bytes", change.carryBytes, 1_048_576uL..1_099_511_627_776uL)
}

private fun checkRange(
    what: String,
    number: ULong?,
    range: ULongRange,
) {
    if (number != null && number !in range) throw PermessoException.InvalidInput("$what is ${range.first} to ${range.last}, not $number")
}

internal fun checkHost(id: String) {
    val isOne = id.length == 36 && runCatching { UUID.fromString(id) }.isSuccess
    if (!isOne) throw PermessoException.InvalidInput("\"${id.take(64)}\" is not a host's id: a UUID is expected")
}

internal fun checkMessage(id: String) {
    val isOne = id.length == 32 && id.all { it in "0123456789abcdefABCDEF" }
    if (!isOne) throw PermessoException.InvalidInput("\"${id.take(64)}\" is not a message's id: 32 hexadecimal digits are expected")
}

internal fun checkAddress(address: String) {
    val port = address.substringAfterLast(':', "").toUShortOrNull()
    val host = address.substringBeforeLast(':')
    val isOne = host.all { it.isDigit() || it == '.' } && host.count { it == '.' } == 3
    val isSix = host.startsWith("[") && host.endsWith("]") && host.contains(':')
    if (port == null || !(isOne || isSix)) {
        throw PermessoException.InvalidInput("\"${address.take(64)}\" is not an address: one with a port is expected")
    }
}
