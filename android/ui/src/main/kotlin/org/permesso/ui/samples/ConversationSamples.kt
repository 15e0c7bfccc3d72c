package org.permesso.ui.samples

import org.permesso.FailReason
import org.permesso.Friend
import org.permesso.FriendState
import org.permesso.FullReason
import org.permesso.FullServer
import org.permesso.Holder
import org.permesso.Message
import org.permesso.MessageState
import org.permesso.ffi.PermessoException
import org.permesso.ui.ConversationMeans
import org.permesso.ui.ConversationScreen
import org.permesso.ui.ConversationState

/** A conversation, also in its odd states. */
object ConversationSamples {
    private val grace = friend("Grace", number = 1, verified = true, online = true)
    private val away = friend("Grace", number = 1)
    private val library = Holder(sampleId(20), "Library", emptyList(), true)
    private val three = listOf(library, Holder(sampleId(21), "Linus", emptyList(), false), Holder(sampleId(22), null, emptyList(), false))

    private fun state(
        vararg messages: Message,
        friend: Friend = grace,
    ) = ConversationState(loaded = true, friend = friend, messages = messages.toList())

    private val usual =
        state(
            message("Ciao Grace! Tea at five?", 1, minutesAgo = 1_600),
            message("With pleasure. I bring the cake", 2, mine = false, minutesAgo = 1_590),
            message("I saved you a seat", 3, state = MessageState.READ),
            message("Are you on your way?", 4, state = MessageState.DELIVERED),
            message("Almost there", 5, mine = false),
        )

    private val queued = message("The tickets are at the door", 6, state = MessageState.QUEUED)
    private val held = message("The tickets are at the door", 6, state = MessageState.HELD, holders = three)
    private val failed = message("The tickets are at the door", 6, state = MessageState.FAILED, failReason = FailReason.EXPIRED)

    private fun plus(message: Message) = usual.copy(friend = away, messages = usual.messages + message)

    /** Ten thousand messages of several lengths. */
    val tenThousand: ConversationState by lazy {
        val lines = listOf("Yes", "Tea at five?", "With pleasure. I bring the cake, and the book you asked for last week.", "👍")
        ConversationState(
            loaded = true,
            friend = grace,
            messages = List(10_000) { message(lines[it % lines.size] + " ($it)", it, mine = it % 3 != 0, minutesAgo = (10_000L - it) * 7) },
        )
    }

    private fun sample(
        name: String,
        state: ConversationState,
        scroll: String? = null,
    ) = Sample("conversation", name) { onBack ->
        ConversationScreen(state, savedAt(scroll), ConversationMeans({}, {}), onBack, {}, {})
    }

    /** All of them. */
    val all: List<Sample> =
        listOf(
            sample("usual", usual),
            sample("empty", state()),
            sample("queued", plus(queued)),
            sample("held by three", plus(held)),
            sample("failed", plus(failed)),
            sample("queued close", plus(queued).copy(detail = queued.id)),
            sample(
                "server full",
                plus(
                    queued.copy(full = listOf(FullServer(sampleId(20), "Library", emptyList(), FullReason.STORAGE))),
                ).copy(detail = queued.id),
            ),
            sample("held close", plus(held).copy(detail = held.id)),
            sample("failed close", plus(failed).copy(detail = failed.id)),
            sample("cancel", plus(queued).copy(detail = queued.id, asked = ConversationState.Asked.CANCEL)),
            sample("delete", usual.copy(detail = usual.messages.last().id, asked = ConversationState.Asked.DELETE)),
            sample(
                "unread and gap",
                usual.copy(
                    firstUnread = usual.messages.last().id,
                    messages =
                        usual.messages.dropLast(1) + usual.messages.last().copy(gap = true),
                ),
            ),
            sample(
                "new below",
                tenThousand.copy(
                    messages =
                        tenThousand.messages.takeLast(50) +
                            message("Where are you?", 10_000, mine = false, minutesAgo = 1, unread = true),
                ),
                scroll = "20,0",
            ),
            sample(
                "draft and emoji",
                usual.copy(draft = "I was thinking that we could meet at the old bridge instead, it is", emoji = true),
            ),
            sample("draft too long", usual.copy(draft = "x".repeat(4_100))),
            sample("storage full", usual.copy(draft = "Hello", trouble = PermessoException.StorageUnavailable("the disk is full"))),
            sample("ended", usual.copy(friend = friend("Grace", FriendState.ENDED, number = 1))),
            sample("blocked", usual.copy(friend = friend("Grace", FriendState.ENDED, number = 1, blocked = true))),
            sample("10,000 messages", tenThousand),
            sample("found", usual.copy(sought = usual.messages[1].id)),
            sample("4,000 characters", state(message("All happy families are alike. ".repeat(134).take(4_000), 1, mine = false))),
            sample(
                "right to left",
                state(
                    message("مرحبا! هل نلتقي في الثامنة؟", 1, mine = false),
                    message("כן, בשמונה ליד השעון (ליד הגשר)", 2),
                    message("OK, alle 8 — نعم — 20:00", 3, mine = false),
                ),
            ),
            sample(
                "emoji",
                state(
                    message("👩‍🚀🏳️‍🌈👨‍👩‍👧‍👦👍🏽", 1),
                    message("🇮🇹🇪🇺 1️⃣ ❤️‍🔥", 2, mine = false),
                    message("https://example.org/menu?day=fri", 3, mine = false),
                ),
            ),
            sample("link", state(message("https://example.org/menu?day=fri", 3, mine = false)).copy(detail = "%032x".format(3))),
        )
}
