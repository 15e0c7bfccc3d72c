package org.permesso.bench

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.permesso.FriendState
import org.permesso.KeyStore
import org.permesso.Permesso
import org.permesso.PermessoConfig
import org.permesso.ffi.RehearsedAnswer
import org.permesso.ffi.rehearseEvents
import java.io.File
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlin.time.DurationUnit
import kotlin.time.measureTime

/** A chat message of ordinary length. */
private const val TEXT = "Shall we meet at six in front of the library? I bring the books you asked for."

/** Nothing takes longer, or something is wrong. */
private val patience = 1.minutes

/**
 * Measures once, in a warm JVM, and prints an object of figures. The arguments are a folder to work in and the home of an
 * account of 10,000 messages.
 */
public fun main(arguments: Array<String>): Unit =
    runBlocking(Dispatchers.Default) {
        val (folder, account) = arguments.map(::File)
        val figures = Figures()
        openTwo(folder) { ada, grace ->
            val (call, bare) = calls(ada)
            figures["call_us"] = call
            figures["bare_us"] = bare
            figures["message_ms"] = messages(ada, grace)
        }
        figures["events_per_s"] = events()
        figures["open_ms"] = opening(account)
        println(figures.entries.joinToString(",", "{", "}") { (name, value) -> "\"$name\":$value" })
    }

/** Tells each figure as it is measured. */
private class Figures : LinkedHashMap<String, Double>() {
    override fun put(
        key: String,
        value: Double,
    ): Double? {
        System.err.println("  $key $value")
        return super.put(key, value)
    }
}

private suspend fun openTwo(
    folder: File,
    measure: suspend (ada: Permesso, grace: Permesso) -> Unit,
) {
    start(folder, "Ada", 1).use { ada ->
        start(folder, "Grace", 2).use { grace ->
            withTimeout(patience) {
                grace.scanUri(ada.uri(ada.addresses().first()))
                grace.askFriendship(ada.id)
                ada.friends.first { list -> list.any { it.state == FriendState.REQUEST_RECEIVED } }
                ada.acceptFriendship(grace.id)
                grace.friends.first { list -> list.any { it.state == FriendState.FRIEND } }
            }
            measure(ada, grace)
        }
    }
}

private suspend fun start(
    folder: File,
    name: String,
    number: Int,
): Permesso {
    val parameters = "[host]\nport = 20071\n[network]\ninterfaces = [\"127.0.0.$number\"]\n[friendship]\nstamp_bits = 8\n"
    return Permesso.open(PermessoConfig(File(folder, name), name, BenchKeys, parameters = parameters)).also { it.start() }
}

/**
 * A text in, a text out: of the API, and of uniffi alone with the same signature and the same texts; microseconds, by turns so that
 * both see the same machine.
 */
private suspend fun calls(host: Permesso): Pair<Double, Double> {
    val text = host.addresses().first()
    return RehearsedAnswer(host.uri(text)).use { bareHost ->
        repeat(WARM_UP) {
            host.uri(text)
            bareHost.call(text)
        }
        val (calls, bare) = mutableListOf<Duration>() to mutableListOf<Duration>()
        repeat(ROUNDS) {
            calls += measureTime { host.uri(text) }
            bare += measureTime { bareHost.call(text) }
        }
        median(calls, DurationUnit.MICROSECONDS) to median(bare, DurationUnit.MICROSECONDS)
    }
}

/** From sending until it stands in the other's conversation, in milliseconds. */
private suspend fun messages(
    ada: Permesso,
    grace: Permesso,
): Double =
    coroutineScope {
        val shown = Channel<String>(Channel.UNLIMITED)
        val showing = launch { grace.conversation(ada.id, 10).collect { list -> list.lastOrNull()?.let { shown.send(it.id) } } }
        val times = mutableListOf<Duration>()
        withTimeout(patience) {
            repeat(MESSAGES + MESSAGES / 4) { round ->
                val time =
                    measureTime {
                        val id = async { ada.send(grace.id, TEXT) }
                        while (true) {
                            val last = shown.receive()
                            if (last == id.await()) break
                        }
                    }
                if (round >= MESSAGES / 4) times += time
            }
        }
        showing.cancel()
        median(times, DurationUnit.MILLISECONDS)
    }

/** Events a second in batches of 64. */
private suspend fun events(): Double {
    val rates =
        List(4) {
            var seen = 0
            val time =
                measureTime {
                    rehearseEvents(EVENTS.toULong()).use { reader ->
                        while (true) {
                            val batch = reader.nextEvents(64u)
                            if (batch.isEmpty()) break
                            seen += batch.size
                        }
                    }
                }
            check(seen == EVENTS) { "$seen events came" }
            seen / time.toDouble(DurationUnit.SECONDS)
        }
    return rates.drop(1).sorted()[1]
}

/** Opening an account of 10,000 messages, in milliseconds. */
private suspend fun opening(account: File): Double {
    val parameters = "[network]\ninterfaces = [\"127.0.0.1\"]\n"
    val times =
        List(8) {
            lateinit var host: Permesso
            val time = measureTime { host = Permesso.open(PermessoConfig(account, "Ping", BenchKeys, parameters = parameters)) }
            host.use { check(it.messages(it.friendList().first().id, limit = 10).size == 10) }
            time
        }
    return median(times.drop(3), DurationUnit.MILLISECONDS)
}

private fun median(
    times: List<Duration>,
    unit: DurationUnit,
): Double = times.sorted()[times.size / 2].toDouble(unit)

private const val WARM_UP = 20_000
private const val ROUNDS = 5_000
private const val MESSAGES = 400
private const val EVENTS = 500_000

/** The key of every measured database. */
private object BenchKeys : KeyStore {
    override fun load(name: String): ByteArray = ByteArray(32) { 7 }

    override fun save(
        name: String,
        secret: ByteArray,
    ): Unit = Unit
}
