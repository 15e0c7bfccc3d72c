package org.permesso.ui

import org.permesso.ffi.Notice

/**
 * Notices as texts, so that they outlive the process. Those about the moment (no port, no room on the disk, an address that cannot be
 * used) are left out: if they still hold they are told again.
 */
internal object WrittenNotice {
    private const val TIME = "time"
    private const val KIND = "kind"
    private const val NAME = "name"
    private const val OTHER_NAME = "other_name"
    private const val HOST = "host"
    private const val OTHER = "other"
    private const val MESSAGE = "message"
    private const val COUNT = "count"

    /** Null for one that is not kept. */
    fun write(dated: DatedNotice): Saved? {
        val fields =
            when (val notice = dated.notice) {
                is Notice.AskExpired -> mapOf(KIND to "AskExpired")
                is Notice.AskRefused -> mapOf(KIND to "AskRefused")
                is Notice.CodeShared -> mapOf(KIND to "CodeShared", OTHER to notice.other)
                is Notice.CopyRestored -> mapOf(KIND to "CopyRestored")
                is Notice.EncryptionReset -> mapOf(KIND to "EncryptionReset")
                is Notice.FriendAsksAgain -> mapOf(KIND to "FriendAsksAgain")
                is Notice.HeldDropped -> mapOf(KIND to "HeldDropped")
                is Notice.HistoryDropped -> mapOf(KIND to "HistoryDropped", MESSAGE to notice.message)
                is Notice.MessagesLost -> mapOf(KIND to "MessagesLost", COUNT to notice.count.toString())
                is Notice.OutboxDropped -> mapOf(KIND to "OutboxDropped", MESSAGE to notice.message)
                is Notice.Restored -> mapOf(KIND to "Restored")
                else -> return null
            }
        val host =
            dated.notice.host
                ?.let { mapOf(HOST to it) }
                .orEmpty()
        return Saved(fields + host + mapOf(TIME to dated.time.toString(), NAME to dated.name, OTHER_NAME to dated.other))
    }

    /** Null for what a later version wrote. */
    fun read(saved: Saved): DatedNotice? {
        val host = saved[HOST].orEmpty()
        val notice =
            when (saved[KIND]) {
                "AskExpired" -> Notice.AskExpired(host)
                "AskRefused" -> Notice.AskRefused(host)
                "CodeShared" -> Notice.CodeShared(host, saved[OTHER].orEmpty())
                "CopyRestored" -> Notice.CopyRestored
                "EncryptionReset" -> Notice.EncryptionReset(host)
                "FriendAsksAgain" -> Notice.FriendAsksAgain(host)
                "HeldDropped" -> Notice.HeldDropped(host)
                "HistoryDropped" -> Notice.HistoryDropped(host, saved[MESSAGE].orEmpty())
                "MessagesLost" -> Notice.MessagesLost(host, saved[COUNT]?.toULongOrNull() ?: 1uL)
                "OutboxDropped" -> Notice.OutboxDropped(host, saved[MESSAGE].orEmpty())
                "Restored" -> Notice.Restored
                else -> return null
            }
        val time = saved[TIME]?.toLongOrNull() ?: return null
        return DatedNotice(time, notice, saved[NAME].orEmpty(), saved[OTHER_NAME].orEmpty())
    }
}
