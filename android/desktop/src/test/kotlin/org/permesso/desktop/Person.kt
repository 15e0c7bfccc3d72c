package org.permesso.desktop

import org.permesso.ui.words.EnglishStrings
import org.permesso.ui.words.Strings
import java.io.File
import java.io.PrintWriter
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread

/** Something on a window, as a screen reader would be told of it. */
internal data class Shown(
    val role: String,
    val name: String,
    val description: String,
    val text: String,
    val x: Int,
    val y: Int,
    val width: Int,
    val height: Int,
    val isFocused: Boolean,
) {
    /** Whether it says that, by its name, its description or what was typed into it. */
    fun says(words: String): Boolean = listOf(name, description, text).any { words in it }
}

/** Somebody with the program in a window, who reads, types and clicks. */
internal class Person(
    private val screen: ScreenOfItsOwn,
    private val name: String,
    private val folder: File,
    private val left: Int,
    jar: String,
    environment: Map<String, String> = emptyMap(),
) : AutoCloseable {
    private val program: Process =
        screen
            .builder(
                listOf(
                    File(System.getProperty("java.home"), "bin/java").path,
                    "-Xmx300m",
                    "-XX:TieredStopAtLevel=1",
                    "-Duser.language=en",
                    "-cp",
                    jar + File.pathSeparator +
                        File(
                            Watched::class.java.protectionDomain.codeSource.location
                                .toURI(),
                        ).path,
                    Watched::class.java.name,
                    "--folder",
                    folder.path,
                ),
                environment + ("SKIKO_RENDER_API" to "SOFTWARE"),
            ).start()
    private val asking = PrintWriter(program.outputStream, true)
    private val lines = LinkedBlockingQueue<String>()

    private val window: String

    init {
        thread(isDaemon = true) { program.inputStream.bufferedReader().forEachLine(lines::put) }
        window =
            await("its window") {
                screen
                    .xdotool(
                        "search",
                        "--all",
                        "--onlyvisible",
                        "--pid",
                        "${program.pid()}",
                        "--name",
                        NAME,
                    ).lines()
                    .last()
                    .ifEmpty { null }
            }
        screen.xdotool("windowmove", "--sync", window, "$left", "0")
    }

    /** Everything on the window now. */
    fun look(): List<Shown> {
        asking.println()
        return generateSequence { lines.poll(PATIENCE, TimeUnit.SECONDS) }
            .takeWhile { it != Watched.END }
            .map { it.split('\t') }
            .filter { it.size == 9 }
            .map { Shown(it[0], it[1], it[2], it[3], it[4].toInt(), it[5].toInt(), it[6].toInt(), it[7].toInt(), it[8].toBoolean()) }
            .toList()
    }

    /** Waits until something on the window says that. */
    fun see(
        words: String,
        role: String? = null,
    ): Shown =
        // What lies above the rest is told of first, what a list has put away for later use last.
        await("\"$words\"") { look().firstOrNull { it.says(words) && (role == null || it.role == role) } }

    /** Does something, again and again as a person would whom nobody answers, until something on the window says that. */
    fun seeTrying(
        words: String,
        action: () -> Unit,
    ) {
        repeat(TRIES) {
            action()
            repeat(TRIES) {
                Thread.sleep(1_000)
                if (look().any { it.says(words) }) return
            }
        }
        see(words)
    }

    /** Waits until one thing on the window says all of that. */
    fun seeTogether(vararg words: String) {
        await(words.joinToString { "\"$it\"" }) { look().firstOrNull { shown -> words.all(shown::says) } }
    }

    /** Waits until nothing on the window says that. */
    fun seeNo(words: String) {
        await("the end of \"$words\"") { if (look().none { it.says(words) }) true else null }
    }

    /** Presses the mouse on what says that. */
    fun click(
        words: String,
        role: String? = null,
    ) {
        screen.xdotool("windowactivate", "--sync", window)
        val place = settled { see(words, role) }
        screen.xdotool("mousemove", "--sync", "${place.x + place.width / 2}", "${place.y + place.height / 2}", "click", "1")
        // A window that was behind has the keyboard a moment later.
        if (role == "text") await("the cursor in \"$words\"") { look().firstOrNull { it.says(words) && it.role == role && it.isFocused } }
    }

    /** Types on the keyboard; the window has it since the last click. */
    fun type(text: String) {
        screen.xdotool("type", "--delay", "25", "--", text)
    }

    /** Presses a key, by its name on Xlib. */
    fun press(key: String) {
        screen.xdotool("key", key)
    }

    /** Presses the key of tabulators until what says that has the keyboard. */
    fun tabTo(words: String) {
        screen.xdotool("windowactivate", "--sync", window)
        repeat(40) {
            if (look().any { it.isFocused && it.says(words) }) return
            press("Tab")
            Thread.sleep(100)
        }
        throw AssertionError("$name cannot come to \"$words\" by the keyboard:\n${described()}")
    }

    /** Writes a name, and begins with it. */
    fun beginAs(
        alias: String,
        words: Strings = EnglishStrings,
    ) {
        click(words.yourName, "text")
        type(alias)
        see(alias, "text")
        click(words.begin, "push button")
        see(words.peopleTitle)
    }

    /** Waits until the window is on the screen. */
    fun awaitShown() {
        val search = arrayOf("search", "--onlyvisible", "--pid", "${program.pid()}", "--name", NAME)
        await("its window again") { screen.xdotool(*search).ifEmpty { null } }
    }

    /** Puts the window away. */
    fun minimise() {
        screen.xdotool("windowminimize", "--sync", window)
    }

    /** Closes the window as its frame's button does. */
    fun closeWindow() {
        see(NAME, "frame").let { screen.xdotool("mousemove", "--sync", "${it.x + it.width / 2}", "${it.y + 8}", "click", "1") }
        press("alt+F4")
    }

    /** Closes the window, and waits until the program has ended. */
    fun quit() {
        closeWindow()
        awaitEnd()
    }

    /** The program's sign in the tray. */
    fun seeInTray(): Shown = see("", "canvas")

    /** Presses a button of the mouse on it. */
    fun clickTray(button: Int) {
        val sign = seeInTray()
        screen.xdotool("mousemove", "--sync", "${sign.x + sign.width / 2}", "${sign.y + sign.height / 2}", "click", "$button")
    }

    /** The program stands still, as one does that hangs; or it goes on. */
    fun hang(isHanging: Boolean) {
        val call = ProcessBuilder("kill", if (isHanging) "-STOP" else "-CONT", "${program.pid()}").start()
        check(call.waitFor() == 0) { "$name's program is out of reach" }
    }

    /** Waits until the program has ended, as it should. */
    fun awaitEnd() {
        check(program.waitFor(PATIENCE, TimeUnit.SECONDS)) { "$name's program does not end" }
        check(program.exitValue() == 0) { "$name's program ended with ${program.exitValue()}" }
    }

    /** The system ends the program, as at the end of a session, and waits for it. */
    fun endBySystem() {
        program.destroy()
        check(program.waitFor(PATIENCE, TimeUnit.SECONDS)) { "$name's program does not end" }
        check(program.exitValue() == ENDED) { "$name's program ended with ${program.exitValue()}" }
    }

    override fun close() {
        program.destroyForcibly()
        program.waitFor(PATIENCE, TimeUnit.SECONDS)
    }

    // Until it stands still: what slides in is not where it was.
    private fun settled(look: () -> Shown): Shown {
        var before = look()
        while (true) {
            Thread.sleep(150)
            val now = look()
            if (now.copy(isFocused = before.isFocused) == before) return now
            before = now
        }
    }

    private fun <T : Any> await(
        what: String,
        look: () -> T?,
    ): T {
        val end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE)
        while (System.nanoTime() < end) {
            check(program.isAlive) { "$name's program ended with ${program.exitValue()}" }
            look()?.let { return it }
            Thread.sleep(200)
        }
        screen.photograph(File(System.getProperty("permesso.artefacts"), "failed.png"))
        throw AssertionError("$name does not see $what, but:\n${described()}")
    }

    private fun described(): String = look().filter { it.name + it.description + it.text != "" }.joinToString("\n")

    private companion object {
        /** Seconds that anything may take on a busy machine. */
        const val PATIENCE = 60L

        const val TRIES = 5

        /** What a program says that SIGTERM ended: 128 and its number. */
        const val ENDED = 143
    }
}
