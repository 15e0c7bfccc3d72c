package org.permesso

/**
 * Decides what to show and what to take away when friends change.
 *
 * @param standing Of whom something was shown before it began, as by an earlier process: what of that, nobody knows any more.
 */
internal class NotificationPlan(
    standing: Collection<String> = emptyList(),
) {
    internal sealed interface Step {
        data class Messages(
            val friend: Friend,
        ) : Step

        data class Request(
            val friend: Friend,
        ) : Step

        data class Remove(
            val friend: String,
        ) : Step
    }

    /** What is shown of whom: unread messages, or the greeting of a request. */
    private val shown = standing.associateWithTo(mutableMapOf<String, Any>()) { Standing }

    fun next(
        friends: List<Friend>,
        isOnScreen: (String) -> Boolean,
    ): List<Step> {
        val steps = mutableListOf<Step>()
        for (friend in friends) {
            val wanted = wanted(friend, isOnScreen)
            if (wanted == shown[friend.id]) continue
            steps +=
                when (wanted) {
                    null -> Step.Remove(friend.id)
                    is UInt -> Step.Messages(friend)
                    else -> Step.Request(friend)
                }
            if (wanted == null) shown.remove(friend.id) else shown[friend.id] = wanted
        }
        val gone = shown.keys - friends.map { it.id }.toSet()
        shown.keys.removeAll(gone)
        return steps + gone.map { Step.Remove(it) }
    }

    private fun wanted(
        friend: Friend,
        isOnScreen: (String) -> Boolean,
    ): Any? =
        when {
            friend.blocked || isOnScreen(friend.id) -> null
            friend.state == FriendState.REQUEST_RECEIVED -> friend.greeting.orEmpty()
            friend.unread > 0u -> friend.unread
            else -> null
        }

    private data object Standing
}
