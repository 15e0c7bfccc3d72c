package org.permesso.desktop

import org.junit.jupiter.api.Assumptions.abort
import java.awt.image.BufferedImage
import java.io.DataInputStream
import java.io.File
import java.nio.file.Files
import java.util.concurrent.TimeUnit
import javax.imageio.ImageIO

/** A screen that nobody sees, with a window manager: Xvfb and openbox. Its keys and mouse are real ones to the programs on it. */
internal class ScreenOfItsOwn private constructor(
    server: Process,
    private val folder: File,
    val display: String,
) : AutoCloseable {
    private val started = mutableListOf(server)

    init {
        start("openbox")
        awaitWindowManager()
    }

    /** Before that a window stands where nobody puts it, and keys such as Alt and F4 go to nobody. */
    private fun awaitWindowManager() {
        val end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE)
        while (xdotool("get_num_desktops").isEmpty()) {
            check(System.nanoTime() < end) { "openbox does not begin" }
            Thread.sleep(100)
        }
    }

    /** Starts a program on it, which ends with it. */
    fun start(
        vararg call: String,
        environment: Map<String, String> = emptyMap(),
    ) {
        started += builder(call.toList(), environment).redirectOutput(ProcessBuilder.Redirect.DISCARD).start()
    }

    fun builder(
        call: List<String>,
        environment: Map<String, String> = emptyMap(),
    ): ProcessBuilder =
        ProcessBuilder(call).apply {
            environment()["DISPLAY"] = display
            environment() += environment
            redirectError(ProcessBuilder.Redirect.INHERIT)
        }

    /** Real events of keys and mouse; what it prints. */
    fun xdotool(vararg call: String): String {
        val process = builder(listOf("xdotool") + call).start()
        val said = process.inputStream.bufferedReader().readText()
        check(process.waitFor(SHORT, TimeUnit.SECONDS)) { "xdotool ${call.joinToString(" ")} does not end" }
        return said.trim()
    }

    /** A picture of it all. Xvfb keeps its pixels in a file in the form of xwd: sizes in a header, then rows of four bytes a pixel. */
    fun photograph(file: File) {
        DataInputStream(File(folder, "Xvfb_screen0").inputStream().buffered()).use { input ->
            val header = IntArray(25) { input.readInt() }
            val (width, height, rowBytes) = listOf(header[4], header[5], header[12])
            input.skipBytes(header[0] - 4 * header.size + 12 * header[19])
            val picture = BufferedImage(width, height, BufferedImage.TYPE_INT_RGB)
            val row = ByteArray(rowBytes)
            for (y in 0 until height) {
                input.readFully(row)
                for (x in 0 until width) {
                    picture.setRGB(
                        x,
                        y,
                        Integer.reverseBytes(
                            java.nio.ByteBuffer
                                .wrap(row, 4 * x, 4)
                                .int,
                        ),
                    )
                }
            }
            file.parentFile.mkdirs()
            ImageIO.write(picture, "png", file)
        }
    }

    override fun close() {
        for (process in started.reversed()) {
            process.destroy()
            process.waitFor(SHORT, TimeUnit.SECONDS)
        }
        folder.deleteRecursively()
    }

    companion object {
        /** Seconds; what is asked of these programs they do at once. */
        private const val SHORT = 20L

        /** Seconds that the window manager may take to begin on a busy machine. */
        private const val PATIENCE = 60L

        /** Opens one for [what], which needs [more] programs; leaves the test out, and says so, where it cannot. */
        fun open(
            what: String,
            vararg more: String,
        ): ScreenOfItsOwn {
            val canShow = File(System.getProperty("java.home"), "lib/libawt_xawt.so").exists()
            val needed = listOf("Xvfb", "openbox", "xdotool") + more
            val missing = needed.filter { !isThere(it) } + listOf("Java with windows").filter { !canShow }
            if (missing.isNotEmpty()) {
                val packages = (needed.map { it.lowercase() } + "openjdk-17-jre").joinToString(" ")
                val why = "there is no ${missing.joinToString(" and no ")} here (apt-get install $packages)"
                System.err.println("SKIPPED: $what, for $why")
                abort<Unit>(why)
            }
            val folder = Files.createTempDirectory("screen").toFile()
            // It chooses a free number and tells it.
            val server =
                ProcessBuilder(
                    "Xvfb",
                    "-displayfd",
                    "1",
                    "-screen",
                    "0",
                    "1880x760x24",
                    "-nolisten",
                    "tcp",
                    // Else it begins anew when its last client goes, and ends whoever is just coming.
                    "-noreset",
                    "-fbdir",
                    folder.path,
                ).redirectError(ProcessBuilder.Redirect.DISCARD).start()
            val number = checkNotNull(server.inputStream.bufferedReader().readLine()) { "Xvfb does not start" }
            return ScreenOfItsOwn(server, folder, ":$number")
        }
    }
}

/** Whether a program can be started. */
internal fun isThere(program: String): Boolean =
    System
        .getenv("PATH")
        .orEmpty()
        .split(File.pathSeparatorChar)
        .any { File(it, program).canExecute() }

/** What is kept for people to look at. */
internal class Pictures(
    private val screen: ScreenOfItsOwn,
    private val of: String = "",
) {
    private var number = 0

    fun take(name: String) {
        // Until what changed last is drawn.
        Thread.sleep(700)
        screen.photograph(File(System.getProperty("permesso.artefacts"), "$of${++number}-$name.png"))
    }
}
