package org.permesso.desktop

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Assumptions.abort
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.w3c.dom.Element
import org.w3c.dom.Node
import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.util.concurrent.TimeUnit
import javax.imageio.ImageIO
import javax.xml.parsers.DocumentBuilderFactory

/** What people install, as the release packs it: links of the scheme lead into it. */
internal class PackagingTest {
    @Test
    fun `the package for Debian says that it opens links, and the program in it starts with one`() {
        val root = unpacked("-x")
        val said = shown(root)
        assertTrue("x-scheme-handler/permesso" in said.getValue("MimeType").split(';'), "$said")
        assertEquals("Permesso" to "Network;InstantMessaging", said["Name"] to said["Categories"])
        // As a desktop calls it: what is clicked takes the place of %u.
        val (program, link) = said.getValue("Exec").split(' ')
        assertEquals("%u", link)
        assertTrue("Permesso 0.1.0 (0.1.0)" in said(File(root, program).path, "permesso:ea4a?alias=Grace", "--version"))
    }

    @Test
    fun `the package for Debian carries our picture`() {
        val root = unpacked("-x")
        assertOurs(512, File(root, shown(root).getValue("Icon")).readBytes())
    }

    @Test
    fun `what the package for Debian needs older systems have too, which call it otherwise`() {
        val control = File(unpacked("-e"), "control").readLines()
        val needed = control.single { it.startsWith("Depends:") }.substringAfter(':').split(',')
        val names = needed.map { choice -> choice.split('|').map { it.trim() } }
        assertTrue(listOf("libasound2t64", "libasound2") in names, "$names")
        assertEquals(emptyList<String>(), names.filter { it.size == 1 && it.single().substringBefore(' ').endsWith("t64") }.flatten())
    }

    @Test
    fun `the picture for macOS has each of its sizes as that kind of file names them`() {
        val kinds = listOf("ic11", "ic12", "ic07", "ic13", "ic08", "ic14", "ic09", "ic10")
        val sides = kinds.zip(listOf(32, 64, 128, 256, 256, 512, 512, 1024)).toMap()
        val file = ByteBuffer.wrap(drawn("icon.icns"))
        assertEquals("icns" to file.limit(), file.word() to file.getInt())
        val seen =
            buildSet {
                while (file.hasRemaining()) {
                    val kind = file.word()
                    assertOurs(sides.getValue(kind), ByteArray(file.getInt() - 8).also(file::get))
                    add(kind)
                }
            }
        assertEquals(sides.keys, seen)
    }

    @Test
    fun `the picture for Windows has each of its sizes where its table says`() {
        val file = ByteBuffer.wrap(drawn("icon.ico")).order(ByteOrder.LITTLE_ENDIAN)
        assertEquals(listOf(0, 1), List(2) { file.getShort().toInt() })
        var end = 6 + 16 * file.getShort(4)
        for (row in 0 until file.getShort(4)) {
            val at = 6 + 16 * row
            val side = listOf(16, 24, 32, 48, 64, 256)[row]
            assertEquals(listOf(side.toByte(), side.toByte()), listOf(file.get(at), file.get(at + 1)))
            assertEquals(listOf(1, 32), listOf(file.getShort(at + 4).toInt(), file.getShort(at + 6).toInt()))
            val (length, place) = file.getInt(at + 8) to file.getInt(at + 12)
            assertEquals(end, place)
            assertOurs(side, file.array().copyOfRange(place, place + length))
            end += length
        }
        assertEquals(file.limit(), end)
    }

    private fun ByteBuffer.word() = String(ByteArray(4).also(::get), Charsets.US_ASCII)

    private fun drawn(name: String): ByteArray = File(folder, name).also { PackedIcon.main(arrayOf(it.path)) }.readBytes()

    /** The picture's ground, its two bubbles, and nothing in its corner. */
    private fun assertOurs(
        side: Int,
        file: ByteArray,
    ) {
        assertEquals(listOf(0x89, 0x50, 0x4E, 0x47), file.take(4).map { it.toInt() and 0xFF })
        val picture = ImageIO.read(file.inputStream())
        assertEquals(side to side, picture.width to picture.height)

        fun at(
            x: Int,
            y: Int,
        ) = "%08x".format(picture.getRGB(x * side / 64, y * side / 64))
        assertEquals(listOf("ff00595c", "ff7fd4d8", "ffffffff"), listOf(at(3, 32), at(26, 15), at(48, 37)), "$side")
        assertTrue(picture.getRGB(0, 0) ushr 24 < 0x20, "$side: ${at(0, 0)}")
    }

    /** What the installed program says of itself to a desktop. */
    private fun shown(root: File): Map<String, String> {
        val entry = root.walk().single { it.isFile && it.extension == "desktop" }.readLines()
        assertEquals("[Desktop Entry]", entry.first())
        return entry.filter { '=' in it }.associate { it.substringBefore('=') to it.substringAfter('=') }
    }

    /** A part of the package, as dpkg-deb calls it. */
    private fun unpacked(part: String): File = File(folder, "unpacked$part").also { said("dpkg-deb", part, archive.path, it.path) }

    @Test
    fun `the bundle for macOS names the scheme, and all that jpackage has to fill in`() {
        val factory = DocumentBuilderFactory.newInstance()
        // It is Apple's, and lies in the internet.
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false)
        val plist = factory.newDocumentBuilder().parse(File("packaging/macos/Info.plist")).documentElement
        val entries = elements(elements(plist).single()).chunked(2).associate { (key, value) -> key.textContent to value }
        val links = elements(elements(entries.getValue("CFBundleURLTypes")).single()).chunked(2)
        val schemes = links.single { (key, _) -> key.textContent == "CFBundleURLSchemes" }[1]
        assertEquals(listOf("permesso"), elements(schemes).map { it.textContent })
        val filled =
            mapOf(
                "CFBundleName" to "DEPLOY_BUNDLE_NAME",
                "CFBundleIdentifier" to "DEPLOY_BUNDLE_IDENTIFIER",
                "CFBundleExecutable" to "DEPLOY_LAUNCHER_NAME",
                "CFBundleIconFile" to "DEPLOY_ICON_FILE",
                "CFBundleShortVersionString" to "DEPLOY_BUNDLE_SHORT_VERSION",
                "CFBundleVersion" to "DEPLOY_BUNDLE_CFBUNDLE_VERSION",
            )
        for ((key, word) in filled) assertEquals(word, entries[key]?.textContent, key)
    }

    private fun elements(of: Node): List<Element> = (0 until of.childNodes.length).mapNotNull { of.childNodes.item(it) as? Element }

    private companion object {
        /** Seconds for a Java of its own, on a busy machine. */
        const val TIME = 300L

        @TempDir
        @JvmStatic
        lateinit var folder: File

        /** As it is packed on Ubuntu 24.04, which has a new name for what plays sounds; only dpkg is told of it. */
        val archive: File by lazy {
            val needed = listOf("bash", "jpackage", "fakeroot", "dpkg-deb")
            val missing = needed.filter { !isThere(it) }
            if (missing.isNotEmpty()) {
                val why = "there is no ${missing.joinToString(" and no ")} here (apt-get install openjdk-17-jdk-headless fakeroot)"
                System.err.println("SKIPPED: the package for Debian, for $why")
                abort<Unit>(why)
            }
            val system = File(folder, "system").apply { mkdirs() }
            val folders = System.getenv("PATH").split(File.pathSeparatorChar)
            val real = folders.map { File(it, "dpkg") }.first { it.canExecute() }
            File(system, "dpkg").apply {
                writeText("#!/usr/bin/env bash\nset -o pipefail\n$real \"$@\" | sed 's/^libasound2:/libasound2t64:/'\n")
                setExecutable(true)
            }
            val packed = File(folder, "packed")
            val path = "$system${File.pathSeparator}${System.getenv("PATH")}"
            val script = File("packaging/pack.sh").absolutePath
            said("bash", script, "deb", System.getProperty("permesso.jar"), "0.1.0", packed.path, path = path)
            packed.listFiles().orEmpty().single()
        }

        /** What a program prints, that ends well. */
        fun said(
            vararg call: String,
            path: String = System.getenv("PATH"),
        ): String {
            val process = ProcessBuilder(*call).directory(folder).redirectErrorStream(true)
            process.environment()["PATH"] = path
            // Nobody sends this one over a network.
            process.environment()["DPKG_DEB_COMPRESSOR_TYPE"] = "none"
            val running = process.start()
            val said = running.inputStream.bufferedReader().readText()
            assertTrue(running.waitFor(TIME, TimeUnit.SECONDS))
            assertEquals(0, running.exitValue(), said)
            return said
        }
    }
}
