package org.permesso.ui

import androidx.compose.foundation.layout.Box
import androidx.compose.runtime.Composable
import androidx.compose.runtime.DisposableEffect
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableIntStateOf
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import androidx.compose.ui.test.assertIsDisplayed
import androidx.compose.ui.test.onNodeWithContentDescription
import androidx.compose.ui.test.onNodeWithText
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performScrollTo
import androidx.compose.ui.test.performTextInput
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.permesso.Permesso
import org.permesso.ffi.PermessoException
import org.permesso.ui.samples.SAMPLE_URI
import kotlin.math.cos
import kotlin.math.roundToInt
import kotlin.math.sin

/** QR codes: our own are read in bad light too, and others' are refused in plain words. */
@OptIn(ExperimentalTestApi::class)
internal class CodesTest {
    /** A grey picture, its rows longer than its width as cameras give them. */
    private class Grey(
        val width: Int,
        val height: Int,
        val stride: Int = width,
    ) {
        val bytes = ByteArray(stride * height) { 128.toByte() }

        operator fun get(
            x: Int,
            y: Int,
        ): Int = bytes[y.coerceIn(0, height - 1) * stride + x.coerceIn(0, width - 1)].toInt() and 0xFF

        operator fun set(
            x: Int,
            y: Int,
            value: Int,
        ) {
            bytes[y * stride + x] = value.toByte()
        }

        fun read(): String? = QrReader.read(bytes, stride, width, height)
    }

    private fun drawn(
        text: String,
        degrees: Double = 0.0,
        stride: Int = 640,
        side: Int = 480,
    ): Grey {
        val code = QrCode.of(text)
        val one = side * 0.62 / (code.side + 2 * QrCode.FRAME)
        val angle = Math.toRadians(degrees)
        val picture = Grey(side, side, stride)
        for (y in 0 until side) {
            for (x in 0 until side) {
                val (dx, dy) = x - side / 2.0 to y - side / 2.0
                val u = (dx * cos(angle) + dy * sin(angle)) / one + code.side / 2.0
                val v = (-dx * sin(angle) + dy * cos(angle)) / one + code.side / 2.0
                val inFrame = u > -QrCode.FRAME && v > -QrCode.FRAME && u < code.side + QrCode.FRAME && v < code.side + QrCode.FRAME
                picture[x, y] =
                    when {
                        !inFrame -> 160
                        u >= 0 && v >= 0 && code.isDark(u.toInt(), v.toInt()) -> 30
                        else -> 225
                    }
            }
        }
        return picture
    }

    private fun Grey.blurred(): Grey {
        val result = Grey(width, height, stride)
        for (y in 0 until height) {
            for (x in 0 until width) {
                var sum = 0
                for (j in -1..1) for (i in -1..1) sum += this[x + i, y + j]
                result[x, y] = (sum / 9.0).roundToInt()
            }
        }
        return result
    }

    private fun Grey.inverted(): Grey {
        val result = Grey(width, height, stride)
        for (y in 0 until height) for (x in 0 until width) result[x, y] = 255 - this[x, y]
        return result
    }

    @Test
    fun `a code is read at any angle`() {
        for (degrees in listOf(0.0, 7.0, 45.0, 90.0, 133.0, 180.0, 270.0, 301.0)) {
            assertEquals(SAMPLE_URI, drawn(SAMPLE_URI, degrees).read(), "$degrees degrees")
        }
    }

    @Test
    fun `a code is read blurred, inverted, and with rows longer than the picture`() {
        assertEquals(SAMPLE_URI, drawn(SAMPLE_URI).blurred().read())
        assertEquals(SAMPLE_URI, drawn(SAMPLE_URI, 20.0, stride = 1_024).blurred().blurred().read())
        assertEquals(SAMPLE_URI, drawn(SAMPLE_URI, 20.0).inverted().read())
        assertEquals(SAMPLE_URI, drawn(SAMPLE_URI, stride = 1_024).read())
        val cut = drawn(SAMPLE_URI, stride = 512)
        // Cameras leave out what follows the last pixel.
        assertEquals(SAMPLE_URI, QrReader.read(cut.bytes.copyOf(512 * 479 + 480), 512, 480, 480))
    }

    @Test
    fun `the longest code of the protocol is read`() {
        val longest = "PERMESSO:" + "EA4A6C63E29C520ABEF5507B132EC5F9".repeat(26).take(824)
        assertEquals(833, longest.length)
        assertEquals(longest, drawn(longest, 3.0, stride = 960, side = 900).read())
    }

    @Test
    fun `a picture without a code, and one that contradicts itself, give nothing`() {
        assertNull(Grey(200, 200).read())
        assertNull(QrReader.read(ByteArray(10), 100, 100, 100))
        assertNull(QrReader.read(ByteArray(10_000), 50, 100, 100))
        assertNull(QrReader.read(ByteArray(0), 0, 0, 0))
    }

    @Test
    fun `my own code is shown, copied, and renewed`(): Unit =
        withApp { world ->
            onNodeWithContentDescription("My code").performClick()
            onNodeWithContentDescription("The code of Ada").assertIsDisplayed()
            onNodeWithText("Copy").performScrollTo().performClick()
            assertEquals(listOf("permesso:${world.ada.id}"), world.platform.copied)
            onNodeWithText("New code").performScrollTo().performClick()
            onNodeWithText("verify nobody any more", substring = true).assertIsDisplayed()
        }

    @Test
    fun `a friend's code does nothing before it is accepted, and then leads to the person`(): Unit =
        withApp { world ->
            val grace = world.other("Grace")
            world.app.openUri("permesso:${grace.id}")
            onNodeWithText("A code of Permesso").assertIsDisplayed()
            assertTrue(runBlocking { world.ada.friendList() }.isEmpty())
            onNodeWithText("Accept the code").performClick()
            waitForIdle()
            assertEquals(
                Screen.Person(grace.id),
                world.app.stack.value
                    .last()
                    .screen,
            )
            assertTrue(runBlocking { world.ada.friend(grace.id) }?.verified == true)
        }

    /** A camera that shows a code once there is one. */
    private class TestCamera : Camera {
        var code by mutableStateOf<String?>(null)

        /** A phone's camera tells the same code with each. */
        var picture by mutableIntStateOf(0)
        var sight by mutableStateOf(CameraSight.SHOWS)

        /** How often it was tried. */
        var attempts = 0

        @Composable
        override fun Finder(
            onText: (String) -> Unit,
            onSight: (CameraSight) -> Unit,
            modifier: Modifier,
        ) {
            Box(modifier.semantics { contentDescription = "finder" })
            LaunchedEffect(code, picture) { code?.let(onText) }
            LaunchedEffect(sight) { onSight(sight) }
            DisposableEffect(Unit) {
                attempts++
                onDispose {}
            }
        }
    }

    @Test
    fun `a camera that opens, that another app has, that is forbidden or fails says so and what to do, until it shows something`(): Unit =
        withApp { world ->
            val camera = TestCamera().apply { sight = CameraSight.OPENS }
            world.platform.camera = camera
            world.app.show(Screen.Scan())
            onNodeWithText("Use the camera").performClick()
            onNodeWithText("The camera opens", substring = true).assertIsDisplayed()
            val said =
                mapOf(
                    CameraSight.TAKEN to "Another app has the camera",
                    CameraSight.FAILS to "The camera does not work",
                    CameraSight.FORBIDDEN to "The camera is not allowed",
                )
            var attempts = 1
            for ((sight, words) in said) {
                camera.sight = sight
                waitForIdle()
                onNodeWithText(words, substring = true).assertIsDisplayed()
                onNodeWithText("Try again").performClick()
                waitForIdle()
                assertEquals(++attempts, camera.attempts)
            }
            onNodeWithText("Open the settings").performClick()
            assertEquals(listOf(SystemPage.APP), world.platform.pages)
            camera.sight = CameraSight.SHOWS
            waitForIdle()
            onNodeWithText("Try again").assertDoesNotExist()
            onNodeWithText("The camera opens", substring = true).assertDoesNotExist()
            val finder = onNodeWithContentDescription("finder").fetchSemanticsNode().size
            assertTrue(finder.width == finder.height && finder.width > 300, "$finder")
        }

    @Test
    fun `the camera is asked for with the reason, a refusal leads to the settings, and what it reads waits for a yes`(): Unit =
        withApp { world ->
            val grace = world.other("Grace")
            val camera = TestCamera()
            world.platform.camera = camera
            world.platform.refused.add(Permission.CAMERA)
            world.app.show(Screen.Scan())
            onNodeWithText("With the camera you scan", substring = true).assertIsDisplayed()
            onNodeWithText("Open the settings").assertDoesNotExist()
            onNodeWithText("Use the camera").performClick()
            onNodeWithText("The camera is not allowed", substring = true).assertIsDisplayed()
            onNodeWithText("Open the settings").performClick()
            assertEquals(listOf(SystemPage.APP), world.platform.pages)
            onNodeWithContentDescription("finder").assertDoesNotExist()
            world.platform.refused.clear()
            onNodeWithText("Use the camera").performClick()
            onNodeWithContentDescription("finder").assertIsDisplayed()
            camera.code = "permesso:${grace.id}"
            waitForIdle()
            onNodeWithText("A code of Permesso").assertIsDisplayed()
            assertTrue(runBlocking { world.ada.friend(grace.id) }?.verified != true)
        }

    /** The page that scans, with a camera that tells what it sees with every picture: the last argument takes some of a code. */
    private fun withSteadyCamera(
        world: World = World(),
        steps: SkikoComposeUiTest.(World, see: (String) -> Unit) -> Unit,
    ): Unit =
        withApp(world) {
            val camera = TestCamera()
            world.platform.camera = camera
            world.app.show(Screen.Scan())
            onNodeWithText("Use the camera").performClick()
            steps(world) { code ->
                camera.code = code
                repeat(3) {
                    camera.picture++
                    waitForIdle()
                }
            }
        }

    @Test
    fun `a code that the camera still sees after it was dismissed is not asked about again, but one that it sees later is`(): Unit =
        withSteadyCamera { world, see ->
            val code = "permesso:${world.other("Grace").id}"
            see(code)
            onNodeWithText("A code of Permesso").assertIsDisplayed()
            onNodeWithText("Cancel").performClick()
            see(code)
            onNodeWithText("A code of Permesso").assertDoesNotExist()
            see("permesso:${world.other("Linus").id}")
            onNodeWithText("A code of Permesso").assertIsDisplayed()
            onNodeWithText("Cancel").performClick()
            see(code)
            onNodeWithText("A code of Permesso").assertIsDisplayed()
            onNodeWithText("Cancel").performClick()
            // It looked elsewhere meanwhile.
            world.platform.time += 3_000
            see(code)
            onNodeWithText("A code of Permesso").assertIsDisplayed()
        }

    @Test
    fun `what is wrong with a code stays while the camera still sees it`(): Unit =
        withSteadyCamera { world, see ->
            see("permesso:ea4a")
            onNodeWithText("Accept the code").performClick()
            see("permesso:ea4a")
            onNodeWithText("This code is damaged or cut off", substring = true).assertIsDisplayed()
            onNodeWithText("A code of Permesso").assertDoesNotExist()
            val code = "permesso:${world.other("Grace").id}"
            world.ada.failNext(PermessoException.StorageUnavailable("the disk is full"))
            see(code)
            onNodeWithText("Accept the code").performClick()
            see(code)
            onNodeWithText("Nothing can be stored", substring = true).assertIsDisplayed()
            onNodeWithText("A code of Permesso").assertDoesNotExist()
        }

    @Test
    fun `while a code is taken in no other is asked about`() {
        val taken = CompletableDeferred<Unit>()
        val world = World()
        world.opener.between = { host ->
            object : Permesso by host {
                override suspend fun scanUri(uri: String): String {
                    taken.await()
                    return host.scanUri(uri)
                }
            }
        }
        world.dieAndComeBack()
        withSteadyCamera(world) { _, see ->
            val grace = world.other("Grace")
            see("permesso:${grace.id}")
            onNodeWithText("Accept the code").performClick()
            see("permesso:${world.other("Linus").id}")
            onNodeWithText("A code of Permesso").assertDoesNotExist()
            world.platform.pasted = "permesso:ea4a"
            onNodeWithText("Paste").performScrollTo().performClick()
            waitForIdle()
            onNodeWithText("A code of Permesso").assertDoesNotExist()
            taken.complete(Unit)
            waitForIdle()
            val top = world.app.stack.value
            assertEquals(Screen.Person(grace.id), top.last().screen)
        }
    }

    @Test
    fun `a code that is dismissed changes nothing`(): Unit =
        withApp { world ->
            val grace = world.other("Grace")
            world.app.openUri("permesso:${grace.id}")
            onNodeWithText("Cancel").performClick()
            onNodeWithText("A code of Permesso").assertDoesNotExist()
            assertTrue(runBlocking { world.ada.friendList() }.isEmpty())
        }

    @Test
    fun `a code that was dismissed is asked about again when its link is touched again`(): Unit =
        withApp { world ->
            val grace = world.other("Grace")
            repeat(3) {
                world.app.openUri("permesso:${grace.id}")
                onNodeWithText("A code of Permesso").assertIsDisplayed()
                onNodeWithText("Cancel").performClick()
                onNodeWithText("A code of Permesso").assertDoesNotExist()
            }
            assertEquals(2, world.app.stack.value.size)
        }

    @Test
    fun `a foreign code is refused in plain words and nothing is opened`(): Unit =
        withApp { world ->
            world.app.show(Screen.Scan())
            onNodeWithContentDescription("Or write the code here").performScrollTo().performTextInput("https://example.org/app")
            onNodeWithText("Go on").performScrollTo().performClick()
            onNodeWithText(
                "That is not a code of Permesso. It begins with “https://example.org/app”, and nothing was opened.",
            ).assertIsDisplayed()
            assertTrue(world.platform.opened.isEmpty())
        }

    @Test
    fun `my own code is said to be that, and is not taken`(): Unit =
        withApp { world ->
            val key = world.ada.identityKey
            for (code in listOf("permesso:$key?alias=Ada", "PERMESSO:${key.uppercase()}")) {
                world.app.openUri("https://example.org")
                waitForIdle()
                onNodeWithText("That is your own code", substring = true).assertDoesNotExist()
                world.app.openUri(code)
                onNodeWithText("That is your own code", substring = true).assertIsDisplayed()
                onNodeWithText("Accept the code").assertDoesNotExist()
            }
        }

    @Test
    fun `a code that is cut off says so`(): Unit =
        withApp { world ->
            world.platform.pasted = "permesso:ea4a"
            world.app.show(Screen.Scan())
            onNodeWithText("Paste").performScrollTo().performClick()
            onNodeWithText("Accept the code").performClick()
            onNodeWithText("This code is damaged or cut off", substring = true).assertIsDisplayed()
            world.ada.failNext(PermessoException.StorageUnavailable("the disk is full"))
            onNodeWithText("Paste").performScrollTo().performClick()
            onNodeWithText("Accept the code").performClick()
            onNodeWithText("Nothing can be stored", substring = true).assertIsDisplayed()
        }
}
