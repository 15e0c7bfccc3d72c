package org.permesso

import android.net.nsd.NsdManager
import android.net.nsd.NsdManager.DiscoveryListener
import android.net.nsd.NsdManager.RegistrationListener
import android.net.nsd.NsdManager.ResolveListener
import android.net.nsd.NsdServiceInfo
import android.os.Build
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.util.ReflectionHelpers
import org.robolectric.util.ReflectionHelpers.ClassParameter
import java.net.InetAddress
import java.util.concurrent.Executor

/**
 * The phone's own discovery as Android's service answers an app: what was asked of it stands here, and the test answers. Before
 * Android 14 it resolves one name at a time and cannot be told to stop.
 */
@Implements(NsdManager::class)
internal class ShadowDiscovery {
    private val lock = Any()
    private val announcing = mutableMapOf<RegistrationListener, NsdServiceInfo>()
    private val looking = mutableListOf<DiscoveryListener>()
    private var resolving: Pair<NsdServiceInfo, ResolveListener>? = null
    private val watching = mutableMapOf<Any, NsdServiceInfo>()

    /** Whether what is asked from now on is refused. */
    @Volatile var refuses = false

    /** What the app announces. */
    val announced: List<NsdServiceInfo> get() = synchronized(lock) { announcing.values.toList() }

    /** How often the app looks for others at once. */
    val looks: Int get() = synchronized(lock) { looking.size }

    /** The names that are being resolved. */
    val resolved: List<String>
        get() = synchronized(lock) { (listOfNotNull(resolving?.first) + watching.values).map { it.serviceName } }

    // How the app gets at the service; none is here.
    @Implementation(maxSdk = Build.VERSION_CODES.S_V2)
    protected fun init(): Unit = Unit

    @Implementation(maxSdk = Build.VERSION_CODES.S_V2)
    protected fun registerService(
        service: NsdServiceInfo,
        protocol: Int,
        listener: RegistrationListener,
    ): Unit = registerService(service, protocol, Executor(Runnable::run), listener)

    @Implementation(minSdk = Build.VERSION_CODES.TIRAMISU)
    protected fun registerService(
        service: NsdServiceInfo,
        @Suppress("UNUSED_PARAMETER") protocol: Int,
        executor: Executor,
        listener: RegistrationListener,
    ) {
        if (refuses) return executor.execute { listener.onRegistrationFailed(service, NsdManager.FAILURE_INTERNAL_ERROR) }
        synchronized(lock) { announcing[listener] = service }
        executor.execute { listener.onServiceRegistered(service) }
    }

    @Implementation
    protected fun unregisterService(listener: RegistrationListener) {
        synchronized(lock) { requireNotNull(announcing.remove(listener)) { "listener not registered" } }
    }

    @Implementation(maxSdk = Build.VERSION_CODES.S_V2)
    protected fun discoverServices(
        type: String,
        protocol: Int,
        listener: DiscoveryListener,
    ): Unit = discoverServices(type, protocol, null, Executor(Runnable::run), listener)

    @Implementation(minSdk = Build.VERSION_CODES.TIRAMISU)
    protected fun discoverServices(
        type: String,
        @Suppress("UNUSED_PARAMETER") protocol: Int,
        @Suppress("UNUSED_PARAMETER") network: android.net.Network?,
        executor: Executor,
        listener: DiscoveryListener,
    ) {
        if (refuses) return executor.execute { listener.onStartDiscoveryFailed(type, NsdManager.FAILURE_INTERNAL_ERROR) }
        synchronized(lock) { looking.add(listener) }
        executor.execute { listener.onDiscoveryStarted(type) }
    }

    @Implementation
    protected fun stopServiceDiscovery(listener: DiscoveryListener) {
        synchronized(lock) { require(looking.remove(listener)) { "service discovery not active on listener" } }
    }

    @Implementation
    protected fun resolveService(
        service: NsdServiceInfo,
        listener: ResolveListener,
    ) {
        val isFirst =
            synchronized(lock) {
                (resolving == null).also { isFirst -> if (isFirst) resolving = service to listener }
            }
        if (!isFirst) listener.onResolveFailed(service, NsdManager.FAILURE_ALREADY_ACTIVE)
    }

    @Implementation(minSdk = Build.VERSION_CODES.UPSIDE_DOWN_CAKE)
    protected fun registerServiceInfoCallback(
        service: NsdServiceInfo,
        executor: Executor,
        @org.robolectric.annotation.ClassName(CALLBACK) callback: Any,
    ) {
        if (refuses) {
            val error = ClassParameter.from(Int::class.javaPrimitiveType, NsdManager.FAILURE_MAX_LIMIT)
            return executor.execute { tell(callback, "onServiceInfoCallbackRegistrationFailed", error) }
        }
        synchronized(lock) { watching[callback] = service }
    }

    @Implementation(minSdk = Build.VERSION_CODES.UPSIDE_DOWN_CAKE)
    protected fun unregisterServiceInfoCallback(
        @org.robolectric.annotation.ClassName(CALLBACK) callback: Any,
    ) {
        synchronized(lock) { requireNotNull(watching.remove(callback)) { "callback not registered" } }
    }

    /** A name is on the network. */
    fun find(name: String) {
        synchronized(lock) { looking.toList() }.forEach { it.onServiceFound(named(name)) }
    }

    /** A name is no longer on the network. */
    fun lose(name: String) {
        synchronized(lock) { looking.toList() }.forEach { it.onServiceLost(named(name)) }
    }

    /** The name that is being resolved is that of a host at these addresses; none: it is not to be resolved. */
    fun answer(
        name: String,
        addresses: List<String>,
        port: Int = 20_070,
        record: String? = null,
    ) {
        val found = named(name).apply { this.port = port }
        if (record != null) found.setAttribute("port", record)
        val hosts = addresses.map(InetAddress::getByName)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.UPSIDE_DOWN_CAKE) {
            found.hostAddresses = hosts
            val callback = synchronized(lock) { watching.entries.first { it.value.serviceName == name }.key }
            tell(callback, "onServiceUpdated", ClassParameter.from(NsdServiceInfo::class.java, found))
        } else {
            val (service, listener) =
                synchronized(lock) { checkNotNull(resolving).also { resolving = null } }
            check(service.serviceName == name) { "${service.serviceName} is being resolved, not $name" }
            @Suppress("DEPRECATION") // As these Androids do.
            found.host = hosts.firstOrNull()
            if (hosts.isEmpty()) {
                listener.onResolveFailed(service, NsdManager.FAILURE_INTERNAL_ERROR)
            } else {
                listener.onServiceResolved(found)
            }
        }
    }

    /** The system ends everything by itself. */
    fun forget() {
        synchronized(lock) {
            announcing.clear()
            looking.clear()
        }
    }

    private fun named(name: String): NsdServiceInfo =
        NsdServiceInfo().apply {
            serviceName = name
            serviceType = LocalDiscovery.SERVICE_TYPE
        }

    private fun tell(
        callback: Any,
        what: String,
        parameter: ClassParameter<*>,
    ) {
        ReflectionHelpers.callInstanceMethod<Any>(callback, what, parameter)
    }

    private companion object {
        /** Older ones have no such class. */
        const val CALLBACK = "android.net.nsd.NsdManager\$ServiceInfoCallback"
    }
}
