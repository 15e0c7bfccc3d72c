package org.permesso.desktop

import org.permesso.Permesso
import org.permesso.ui.stringsOf
import org.permesso.ui.words.Strings
import java.awt.GraphicsEnvironment
import java.io.IOException
import java.util.Locale
import javax.swing.JOptionPane
import kotlin.system.exitProcess
import kotlin.time.Duration.Companion.seconds

/** Opens Permesso in a window; `--help` says how it is called. */
fun main(arguments: Array<String>) {
    val words = stringsOf(Locale.getDefault().language)
    when (val wanted = Arguments.of(arguments.toList())) {
        Arguments.Help -> {
            println(words.desktopUsage(Home.usual().path))
        }

        Arguments.Version -> {
            // That of its library too, which says whether it can be loaded at all.
            println("Permesso ${DesktopPlatform.VERSION} (${Permesso.libraryVersion()})")
        }

        is Arguments.Wrong -> {
            System.err.println("${words.desktopUnknownArgument(wanted.argument)}\n\n${words.desktopUsage(Home.usual().path)}")
            exitProcess(USAGE)
        }

        is Arguments.Open -> {
            open(wanted, words)
        }
    }
}

private fun open(
    wanted: Arguments.Open,
    words: Strings,
) {
    if (GraphicsEnvironment.isHeadless()) refuse(words.desktopNoScreen, words)
    val home = Home(wanted.folder ?: Home.usual())
    val isOurs =
        try {
            claim(home, wanted.uri)
        } catch (failure: IOException) {
            refuse(words.desktopFolderUnusable(home.folder.path, failure.message.orEmpty()), words)
        }
    if (!isOurs) refuse(words.desktopFolderInUse(home.folder.path), words)
    show(home, wanted.uri)
}

/**
 * Makes the folder this program's, or has the program whose it is come to the front with the link: then there is nothing left to do
 * here. False if neither comes about in time.
 */
private fun claim(
    home: Home,
    uri: String?,
): Boolean {
    val bell = Doorbell(home.folder)
    val end = System.nanoTime() + PATIENCE
    while (!home.claim()) {
        if (bell.ring(uri, end) == Answer.SHOWN) exitProcess(0)
        if (System.nanoTime() > end) return false
        Thread.sleep(AGAIN)
    }
    return true
}

/** Says why it does not open, in the terminal and, for whoever started it by a click, in a window. */
private fun refuse(
    reason: String,
    words: Strings,
): Nothing {
    System.err.println("permesso: $reason")
    if (!GraphicsEnvironment.isHeadless()) JOptionPane.showMessageDialog(null, reason, NAME, JOptionPane.ERROR_MESSAGE)
    exitProcess(UNUSABLE)
}

/** As programs say that they were called wrongly. */
private const val USAGE = 2

private const val UNUSABLE = 1

/** What the other program may take: it is just beginning, or ending, which takes it some 5 s. */
private val PATIENCE = 10.seconds.inWholeNanoseconds

/** Milliseconds until it is looked at once more. */
private const val AGAIN = 200L

/** What it is called, in every language. */
internal const val NAME: String = "Permesso"
