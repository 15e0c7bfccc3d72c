package org.permesso

import com.sun.jna.Native
import com.sun.jna.Platform
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.permesso.ffi.uniffiEnsureInitialized

/** The native library: found, loaded and checked once per process. */
internal object Library {
    private const val NAME = "permesso"

    /** The generated code looks here where the library is. */
    private const val PLACE = "uniffi.component.$NAME.libraryOverride"

    // By the system's own loader, which runs the library's JNI_OnLoad; JNA's does not.
    private val ready: Unit by lazy {
        if (Platform.isAndroid()) {
            System.loadLibrary(NAME)
        } else {
            val file = Native.extractFromResourcePath(NAME, Library::class.java.classLoader)
            System.load(file.absolutePath)
            System.setProperty(PLACE, file.absolutePath)
        }
        uniffiEnsureInitialized()
    }

    /** Loads it off the caller's thread: the start of JNA takes some tenths of a second. */
    suspend fun load(): Unit = withContext(Dispatchers.IO) { ready }

    /** The same on the caller's thread. */
    fun loadNow(): Unit = ready
}
