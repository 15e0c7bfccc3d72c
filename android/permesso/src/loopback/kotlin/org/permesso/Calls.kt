package org.permesso

import org.permesso.ffi.CarrierException
import java.io.File
import java.lang.reflect.InvocationTargetException
import java.lang.reflect.Method
import kotlin.coroutines.Continuation
import kotlin.coroutines.intrinsics.suspendCoroutineUninterceptedOrReturn

/** Every call of [Permesso] that may wait, found by reflection, so that no test forgets a new one. */
internal class Calls(
    private val folder: File,
    private val uri: String,
) {
    /** One call, with what it is given. */
    class Call(
        private val method: Method,
        private val given: List<Any?>,
    ) {
        val name: String = method.name.substringBefore('-')

        suspend fun ask(host: Permesso): Any? =
            suspendCoroutineUninterceptedOrReturn { continuation ->
                try {
                    method.invoke(host, *given.toTypedArray(), continuation)
                } catch (thrown: InvocationTargetException) {
                    throw thrown.targetException
                }
            }

        override fun toString(): String = "$name $given"
    }

    private val methods =
        Permesso::class.java.methods
            .filter { '$' !in it.name && it.parameterTypes.lastOrNull() == Continuation::class.java }
            .sortedBy { it.name }

    /** Each of them once, with what it might be given, about a host and a message that nobody knows. */
    fun all(): List<Call> = methods.map { Call(it, right(it)) }

    /** Each of them once for every text that it is given, directly or within something else, which is half of an emoji. */
    fun withHalfAnEmoji(): List<Call> =
        methods.flatMap { method ->
            val right = right(method)
            right.indices.flatMap { at ->
                halves(method.parameterTypes[at]).map { half -> Call(method, right.toMutableList().also { it[at] = half }) }
            }
        }

    private fun right(method: Method): List<Any?> {
        val texts = texts(method.name.substringBefore('-')).iterator()
        return method.parameterTypes.dropLast(1).map { type ->
            when (type) {
                String::class.java -> texts.next()
                Boolean::class.java -> true
                Int::class.java -> 10
                Long::class.java -> 0L
                Match::class.java -> Match.EXACT
                File::class.java -> File(folder, "copy")
                SettingsChange::class.java -> SettingsChange(readReceipts = true)
                HostLinkCarrier::class.java -> Gone
                else -> null
            }
        }
    }

    private fun texts(call: String): List<String> =
        when (call) {
            "search", "searchMessages" -> listOf("x")
            "importContacts" -> listOf("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:x\r\nIMPP:$uri\r\nEND:VCARD\r\n")
            "scanUri" -> listOf(uri)
            "uri", "peerFound" -> listOf("192.0.2.1:4444")
            "exportAccount" -> listOf("four words")
            "askFriendship", "send", "setLocalAlias" -> listOf(HOST, "x")
            "resend", "cancel", "deleteMessage", "message", "holders", "fullServers", "waitForFate" -> listOf(MESSAGE)
            else -> listOf(HOST)
        }

    private fun halves(type: Class<*>): List<Any> =
        when (type) {
            String::class.java -> listOf(HALF)
            File::class.java -> listOf(File(folder, HALF))
            SettingsChange::class.java -> listOf(SettingsChange(alias = HALF))
            List::class.java -> listOf(listOf(NetworkAddress(HALF, "192.0.2.1", 24u, 0u)), listOf(NetworkAddress("a", HALF, 24u, 0u)))
            else -> emptyList()
        }

    private object Gone : HostLinkCarrier {
        override fun carry(packet: ByteArray): Unit = throw CarrierException.Gone("out of reach")

        override fun closed(): Unit = Unit
    }

    /** What they are given. */
    companion object {
        /** A host that nobody knows. */
        const val HOST: String = "5c146b14-3c52-8afd-938a-375d0df1fbf6"

        /** A message that nobody has. */
        const val MESSAGE: String = "07070707070707070707070707070707"

        /** No text, for it cannot be written as UTF-8. */
        const val HALF: String = "\uD83D"
    }
}
