package org.permesso

import org.junit.Assert.assertEquals
import org.junit.Test
import org.permesso.NotificationPlan.Step

internal class NotificationPlanTest {
    private val plan = NotificationPlan()

    private fun next(
        vararg friends: Friend,
        onScreen: String? = null,
    ): List<Step> = plan.next(friends.toList()) { it == onScreen }

    @Test
    fun `messages are shown once, again when there are more, and taken away when they are read`() {
        assertEquals(emptyList<Step>(), next(friend("a")))
        val one = friend("a", unread = 1u)
        assertEquals(listOf(Step.Messages(one)), next(one))
        assertEquals(emptyList<Step>(), next(one.copy(online = false)))
        val two = friend("a", unread = 2u)
        assertEquals(listOf(Step.Messages(two)), next(two))
        assertEquals(listOf(Step.Remove("a")), next(friend("a")))
        assertEquals(emptyList<Step>(), next(friend("a")))
    }

    @Test
    fun `a request is shown until it is answered or its asker is gone`() {
        val asks = friend("a", FriendState.REQUEST_RECEIVED, greeting = "Ciao!")
        assertEquals(listOf(Step.Request(asks)), next(asks))
        assertEquals(emptyList<Step>(), next(asks))
        assertEquals(listOf(Step.Remove("a")), next(friend("a")))
        assertEquals(listOf(Step.Request(asks)), next(asks))
        assertEquals(listOf(Step.Remove("a")), next())
    }

    @Test
    fun `what stood there before is shown anew, or taken away if it was read, answered or gone meanwhile`() {
        val plan = NotificationPlan(listOf("read", "unread", "gone"))
        val unread = friend("unread", unread = 1u)
        val friends = listOf(friend("read"), unread, friend("other"))
        assertEquals(listOf(Step.Remove("read"), Step.Messages(unread), Step.Remove("gone")), plan.next(friends) { false })
        assertEquals(emptyList<Step>(), plan.next(friends) { false })
    }

    @Test
    fun `the conversation somebody looks at and a blocked host are not shown`() {
        assertEquals(emptyList<Step>(), next(friend("a", unread = 3u), onScreen = "a"))
        assertEquals(emptyList<Step>(), next(friend("b", FriendState.REQUEST_RECEIVED, blocked = true)))
        val left = friend("a", unread = 3u)
        assertEquals(listOf(Step.Messages(left)), next(left))
        assertEquals(listOf(Step.Remove("a")), next(left, onScreen = "a"))
    }
}
