package org.permesso.desktop

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.permesso.ui.DesktopWords
import org.permesso.ui.Files
import org.permesso.ui.Pictures
import org.permesso.ui.Platform
import org.permesso.ui.PreferenceName
import org.permesso.ui.Preferences
import org.permesso.ui.stringsOf
import org.permesso.ui.words.Strings
import java.awt.Component
import java.awt.Desktop
import java.awt.datatransfer.DataFlavor
import java.io.IOException
import java.net.URI
import java.net.URISyntaxException
import java.text.DateFormat
import java.text.SimpleDateFormat
import java.util.Properties

/** What a desktop does for the screens. */
internal class DesktopPlatform(
    override val preferences: Preferences,
    private val window: () -> Component?,
    private val onQuit: () -> Unit,
) : Platform {
    /** The words of the chosen language, for what the system's own dialogs and notices say. */
    val words: Strings get() = DesktopWords(stringsOf(preferences[PreferenceName.LANGUAGE] ?: systemLanguage))

    override val is24Hour: Boolean
        get() = (DateFormat.getTimeInstance(DateFormat.SHORT) as? SimpleDateFormat)?.toPattern()?.contains('a') != true

    // As it was when the program began.
    override val reducedMotion: Boolean by lazy { wantsNoMovement() }

    override val version: String get() = VERSION

    override suspend fun licences(): String =
        withContext(Dispatchers.IO) {
            LICENCES.mapNotNull { DesktopPlatform::class.java.getResource("/META-INF/$it")?.readText() }.joinToString("\n\n")
        }

    override fun copyText(text: String): Unit = copy(text)

    override val pasteText: suspend () -> String? = { withContext(Dispatchers.IO) { clipboard<String>(DataFlavor.stringFlavor) } }

    override val openLink: ((String) -> Unit)? = if (canBrowse()) ::browse else null

    override val files: Files = ChosenFiles(window) { words }

    override val pictures: Pictures = ChosenPictures(window)

    override val quit: () -> Unit = onQuit

    /** What is read from the jar. */
    companion object {
        private val LICENCES = listOf("LICENSE-MIT", "LICENSE-APACHE", "LICENSE-THIRD-PARTY", "LICENSE-THIRD-PARTY-JAVA")

        /** The program's version. */
        val VERSION: String =
            Properties()
                .apply { DesktopPlatform::class.java.getResourceAsStream("version.properties")?.use(::load) }
                .getProperty("version")
                .orEmpty()

        private fun canBrowse() = Desktop.isDesktopSupported() && Desktop.getDesktop().isSupported(Desktop.Action.BROWSE)

        private fun browse(link: String) {
            try {
                val uri = URI(link)
                // A message is somebody else's text: it may open a page, not start a program.
                if (uri.scheme?.lowercase() in setOf("http", "https")) Desktop.getDesktop().browse(uri)
            } catch (failure: URISyntaxException) {
                System.err.println("permesso: $failure")
            } catch (failure: IOException) {
                System.err.println("permesso: $failure")
            }
        }
    }
}
