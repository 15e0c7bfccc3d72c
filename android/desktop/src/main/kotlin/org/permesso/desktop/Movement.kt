package org.permesso.desktop

import com.sun.jna.NativeLibrary
import com.sun.jna.ptr.IntByReference
import java.awt.Toolkit
import java.io.IOException
import java.util.concurrent.TimeUnit

/**
 * Whether the user wants no movement, as the system's settings say it; false where they do not.
 *
 * @param setting What a desktop of Linux tells every program by XSETTINGS.
 * @param answer What a program prints.
 */
internal fun wantsNoMovement(
    system: String = System.getProperty("os.name").orEmpty(),
    setting: (String) -> Any? = { Toolkit.getDefaultToolkit().getDesktopProperty(it) },
    answer: (List<String>) -> String? = ::printedBy,
): Boolean =
    when {
        system.startsWith("Windows") -> isWindowsStill()
        system.startsWith("Mac") -> answer(listOf("defaults", "read", "com.apple.universalaccess", "reduceMotion"))?.trim() == "1"
        else -> setting("gnome.Gtk/EnableAnimations") == 0
    }

/** The wheel moves a page at once, where no movement is wanted, and does not let it glide. Compose asks before it shows anything. */
internal fun setWheel(isStill: Boolean) {
    if (isStill) System.setProperty("compose.scrolling.smooth.enabled", "false")
}

/** "Show animations in Windows", switched off. */
private fun isWindowsStill(): Boolean =
    try {
        val isAnimated = IntByReference(1)
        val ask = NativeLibrary.getInstance("user32").getFunction("SystemParametersInfoW")
        val isTold = ask.invokeInt(arrayOf(SPI_GETCLIENTAREAANIMATION, 0, isAnimated, 0)) != 0
        isTold && isAnimated.value == 0
    } catch (failure: UnsatisfiedLinkError) {
        System.err.println("permesso: $failure")
        false
    }

private fun printedBy(call: List<String>): String? =
    try {
        val process = ProcessBuilder(call).redirectError(ProcessBuilder.Redirect.DISCARD).start()
        if (process.waitFor(2, TimeUnit.SECONDS)) {
            process.inputStream.bufferedReader().readText()
        } else {
            process.destroy()
            null
        }
    } catch (_: IOException) {
        null
    }

private const val SPI_GETCLIENTAREAANIMATION = 0x1042
