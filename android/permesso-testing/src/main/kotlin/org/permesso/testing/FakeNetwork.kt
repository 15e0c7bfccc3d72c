package org.permesso.testing

import org.permesso.Permesso
import org.permesso.ffi.PermessoException

/**
 * A network in memory for the tests of an app: its hosts meet as soon as they are started, and everything that both ends are
 * there for happens before the call returns. No library is loaded, no socket and no file is opened, and no time passes.
 *
 * The hosts keep the promises of [Permesso]: states are true (a message is delivered only when it is in the other's history),
 * whatever changes is told as an event, lists are in order and paged, errors have the same types, and a host that is stopped
 * and opened again has kept everything. What only the real thing has (encryption, radios, carriers, packets) is not here.
 */
public class FakeNetwork {
    private val hosts = mutableListOf<FakeHost>()

    /** Everything that a host of this network is or has is read and changed under this lock alone. */
    internal val lock = Any()

    /** Numbers of messages and moments, so that tests give the same each time. */
    private var clock = FIRST_MOMENT

    /**
     * Opens the host of that name, as [Permesso.open] does, or makes a new one. Its id stays the same.
     *
     * @throws PermessoException.AlreadyThere if it is open already.
     * @throws PermessoException.InvalidInput if the name is empty or longer than 64 bytes.
     */
    public fun open(alias: String): FakePermesso =
        synchronized(lock) {
            checkTexts(alias)
            checkAlias(alias)
            val known = hosts.find { it.name == alias }
            if (known?.session != null) throw PermessoException.AlreadyThere("$alias is open already")
            val host = known ?: FakeHost(alias, hosts.size + 1).also(hosts::add)
            FakePermesso(this, host).also { host.session = it }
        }

    internal fun host(id: String): FakeHost? = hosts.find { it.id == id }

    internal fun others(host: FakeHost): List<FakeHost> = hosts.filter { it !== host }

    internal fun tick(): ULong = clock++

    /** Takes what waits to whom it is for, wherever both ends are there, until nothing moves any more. */
    internal fun settle() {
        hosts.forEach(::meet)
        var moved = true
        while (moved) {
            moved = false
            for (host in hosts.filter { it.isOnline }) {
                val ready = host.mail.filter { (to, _) -> host.reaches(to) }
                host.mail.removeAll(ready)
                ready.forEach { (to, take) -> take(host(to) ?: return@forEach) }
                moved = moved || ready.isNotEmpty()
            }
        }
    }

    private fun FakeHost.reaches(to: String): Boolean = host(to)?.let { it.isOnline && !it.isBlocked(id) } ?: false

    /** Lets a host see who is here now. */
    private fun meet(host: FakeHost) {
        for (other in others(host)) {
            val here = host.isOnline && other.isSeenBy(host)
            if (here) host.met.add(other.id)
            val changed = if (here) host.here.add(other.id) else host.here.remove(other.id)
            if (changed) host.tellOf(other)
        }
    }

    private companion object {
        /** 2026-01-01, in milliseconds since 1970. */
        const val FIRST_MOMENT = 1_767_225_600_000uL
    }
}
