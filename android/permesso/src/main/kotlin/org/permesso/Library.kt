package org.permesso

import com.sun.jna.CallbackThreadInitializer
import com.sun.jna.Native
import com.sun.jna.Platform
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.permesso.ffi.PermessoException
import org.permesso.ffi.uniffiCallbackInterfaceHostLinkCarrier
import org.permesso.ffi.uniffiCallbackInterfaceLogSink
import org.permesso.ffi.uniffiEnsureInitialized
import org.permesso.ffi.uniffiRustFutureContinuationCallbackImpl
import java.io.File
import java.io.IOException

/** The native library: found, loaded and checked once per process. */
internal object Library {
    private const val NAME = "permesso"

    /** The generated code looks here where the library is. */
    private const val PLACE = "uniffi.component.$NAME.libraryOverride"

    // A thread of the library that has once come over here stays known to the JVM until it ends, and keeps no program from
    // ending: making it known takes longer than most answers, and a JVM that ends complains of each that is to be forgotten.
    private val stay = CallbackThreadInitializer(true, false, NAME)

    // By the system's own loader, which runs the library's JNI_OnLoad; JNA's does not.
    private val ready: Unit by lazy {
        var unpacked: File? = null
        typedIfMissing {
            if (Platform.isAndroid()) {
                System.loadLibrary(NAME)
            } else {
                val file = Native.extractFromResourcePath(NAME, Library::class.java.classLoader)
                System.load(file.absolutePath)
                System.setProperty(PLACE, file.absolutePath)
                unpacked = file.takeIf { it.name.startsWith("jna") }
            }
        }
        listOf(
            uniffiRustFutureContinuationCallbackImpl,
            uniffiCallbackInterfaceHostLinkCarrier.carry,
            uniffiCallbackInterfaceLogSink.log,
        ).forEach { Native.setCallbackThreadInitializer(it, stay) }
        uniffiEnsureInitialized()
        listOfNotNull(unpacked).forEach(::giveBack)
    }

    // It is open, and needs no name any more. Windows removes none that is open: JNA does it at its next start where that mark stands.
    private fun giveBack(unpacked: File) {
        try {
            if (!unpacked.delete()) File("${unpacked.path}.x").createNewFile()
        } catch (_: IOException) {
            // It stays.
        }
    }

    /** A library that is not there, or for another processor, is one more error that an app expects. */
    fun typedIfMissing(load: () -> Unit) {
        val cause =
            try {
                return load()
            } catch (missing: LinkageError) {
                missing
            } catch (missing: IOException) {
                missing
            }
        val reason = "the library for this system and processor cannot be loaded: ${cause.message}"
        throw PermessoException.System(reason).apply { initCause(cause) }
    }

    /** Loads it off the caller's thread: the start of JNA takes some tenths of a second. */
    suspend fun load(): Unit = withContext(Dispatchers.IO) { ready }

    /** The same on the caller's thread. */
    fun loadNow(): Unit = ready
}
