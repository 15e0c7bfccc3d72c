package org.permesso.ui

import androidx.compose.runtime.staticCompositionLocalOf
import org.permesso.FailReason
import org.permesso.FriendState
import org.permesso.FullReason
import org.permesso.FullServer
import org.permesso.Holder
import org.permesso.Message
import org.permesso.MessageState
import org.permesso.NameFlag
import org.permesso.Visibility
import org.permesso.ffi.PermessoException
import org.permesso.ui.words.EnglishStrings
import org.permesso.ui.words.ItalianStrings
import org.permesso.ui.words.Strings
import java.time.Instant
import java.time.LocalDate
import java.time.format.DateTimeFormatter
import java.time.format.FormatStyle
import java.util.Locale

/** The words of the chosen language. */
val LocalStrings = staticCompositionLocalOf<Strings> { EnglishStrings }

/** The words of a language, English where there are none. */
fun stringsOf(language: String): Strings = if (language == "it") ItalianStrings else EnglishStrings

/** The moments of a device, as its day and time zone and its habits tell them. */
internal class Moments(
    private val locale: Locale,
    private val calendar: Calendar,
    private val is24Hour: Boolean,
) {
    private val times = DateTimeFormatter.ofPattern(if (is24Hour) "HH:mm" else "h:mm a", locale)
    private val days = DateTimeFormatter.ofLocalizedDate(FormatStyle.FULL).withLocale(locale)
    private val shortDays = DateTimeFormatter.ofLocalizedDate(FormatStyle.SHORT).withLocale(locale)

    fun day(millis: Long): LocalDate = calendar.dayOf(millis)

    fun time(millis: Long): String = times.format(Instant.ofEpochMilli(millis).atZone(calendar.zone))

    fun dayName(
        day: LocalDate,
        words: Strings,
    ): String =
        when (day) {
            calendar.today -> words.today
            calendar.today.minusDays(1) -> words.yesterday
            else -> days.format(day)
        }

    /** The time of today, else the day. */
    fun brief(millis: Long): String = if (day(millis) == calendar.today) time(millis) else shortDays.format(day(millis))

    fun full(millis: Long): String = "${shortDays.format(day(millis))} ${time(millis)}"
}

internal val LocalMoments =
    staticCompositionLocalOf { Moments(Locale.ENGLISH, Calendar.at(System.currentTimeMillis()), true) }

/** Where a message is, in the fewest words that are true. */
internal fun Strings.fate(message: Message): String =
    when (message.state) {
        MessageState.QUEUED -> fateQueued
        MessageState.HELD -> held(message.holders)
        MessageState.DELIVERED -> fateDelivered
        MessageState.READ -> fateRead
        MessageState.FAILED -> fateFailed
    }

/** The same as a sentence with what happens next. */
internal fun Strings.fateSentence(
    message: Message,
    name: String,
): String =
    when (message.state) {
        MessageState.QUEUED -> message.full.firstOrNull()?.let { fateSentenceFull(full(it), name) } ?: fateSentenceQueued(name)
        MessageState.HELD -> fateSentenceHeld(held(message.holders), name)
        MessageState.DELIVERED -> fateSentenceDelivered(name)
        MessageState.READ -> fateSentenceRead(name)
        MessageState.FAILED -> fateSentenceFailed(name, reason(message.failReason))
    }

internal fun Strings.held(holders: List<Holder>): String {
    val first = holders.firstOrNull { it.server && it.name != null } ?: holders.firstOrNull { it.name != null }
    val name = first?.name
    return when {
        first == null || name == null -> heldByHosts(maxOf(holders.size, 1))
        holders.size == 1 && first.server -> heldByServer(name)
        holders.size == 1 -> heldBy(name)
        first.server -> heldByServerAndOthers(holders.size - 1, name)
        else -> heldByAndOthers(holders.size - 1, name)
    }
}

internal fun Strings.holder(holder: Holder): String {
    val id = holder.id.take(8)
    return if (holder.server) holderServer(holder.name ?: id) else holder.name ?: holderUnknown(id)
}

internal fun Strings.full(server: FullServer): String {
    val name = server.name ?: server.id.take(8)
    return if (server.why == FullReason.STORAGE) serverFull(name) else serverQuota(name)
}

internal fun Strings.reason(reason: FailReason?): String =
    when (reason) {
        FailReason.FRIENDSHIP_ENDED -> reasonFriendshipEnded
        FailReason.CANCELLED -> reasonCancelled
        FailReason.OUTBOX_FULL -> reasonOutboxFull
        FailReason.EXPIRED, null -> reasonExpired
    }

internal fun Strings.friendState(state: FriendState): String =
    when (state) {
        FriendState.UNKNOWN -> stateStranger
        FriendState.REQUEST_SENT -> stateAsked
        FriendState.REQUEST_RECEIVED -> stateAsksYou
        FriendState.FRIEND -> stateFriend
        FriendState.ENDED -> stateEnded
    }

internal fun Strings.flag(flag: NameFlag): String =
    when (flag) {
        NameFlag.SAME_AS_FRIEND -> flagSameAsFriend
        NameFlag.LOOKS_LIKE_FRIEND -> flagLooksLikeFriend
        NameFlag.MIXED_SCRIPTS -> flagMixedScripts
        NameFlag.INVISIBLE_OR_BIDI -> flagHiddenCharacters
    }

internal fun Strings.visibility(visibility: Visibility): String =
    when (visibility) {
        Visibility.EVERYBODY -> visibleEverybody
        Visibility.FRIENDS -> visibleFriends
        Visibility.NOBODY -> visibleNobody
    }

/** What went wrong and what can be done, without the technical reason, which is in English. */
internal fun Strings.trouble(trouble: PermessoException): String =
    when (trouble) {
        is PermessoException.InvalidInput -> troubleInput
        is PermessoException.NotFound -> troubleNotFound
        is PermessoException.NotNow -> troubleNotNow
        is PermessoException.NetworkUnavailable -> troubleNetwork
        is PermessoException.KeyUnavailable -> troubleKey
        is PermessoException.StorageUnavailable -> troubleStorage
        is PermessoException.Damaged -> troubleDamaged
        is PermessoException.TooNew -> troubleTooNew
        is PermessoException.AlreadyThere -> troubleAlreadyThere
        is PermessoException.WrongPassphrase -> troublePassphrase
        is PermessoException.Paused, is PermessoException.Stopped -> troubleStopped
        is PermessoException.TimedOut -> troubleTimedOut
        is PermessoException.Cancelled -> troubleCancelled
        is PermessoException.System -> troubleSystem
        is PermessoException.Bug -> troubleBug
    }

/** A size as people say it. */
internal fun Strings.size(bytes: Long): String =
    when {
        bytes < 1_000 -> sizeBytes(bytes.toInt())
        bytes < 1_000_000 -> sizeKilobytes(((bytes + 500) / 1_000).toInt())
        else -> sizeMegabytes(((bytes + 500_000) / 1_000_000).toInt())
    }

/** What people call a processor. */
internal fun Strings.processor(processor: Processor): String =
    when (processor) {
        Processor.ARM_64 -> processorArm64
        Processor.ARM_32 -> processorArm32
        Processor.X86_64 -> processorX86
    }
