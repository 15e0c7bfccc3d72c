@file:JvmName("Frames")

package org.permesso.bench

import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.ui.ExperimentalComposeUiApi
import androidx.compose.ui.ImageComposeScene
import androidx.compose.ui.Modifier
import androidx.compose.ui.geometry.Offset
import androidx.compose.ui.input.pointer.PointerEventType
import androidx.compose.ui.unit.Density
import org.permesso.ui.PermessoTheme
import org.permesso.ui.samples.allSamples
import javax.swing.SwingUtilities
import kotlin.math.sqrt
import kotlin.time.Duration
import kotlin.time.DurationUnit
import kotlin.time.measureTime

private const val WIDTH_DP = 360
private const val HEIGHT_DP = 640
private const val SCROLL_DP = 180
private const val WARM_UP = 60
private const val FRAMES = 600

/** Between two frames, in nanoseconds: 60 a second. */
private const val FRAME_NS = 16_666_667L

/**
 * Scrolls a conversation of 10,000 messages without a screen, drawn by the processor, and prints for each density the time that 95 of
 * 100 frames stay under, in milliseconds.
 */
fun main() {
    val figures = mutableMapOf<String, Double>()
    // Compose recomposes on this thread, and a scene may not be drawn from another meanwhile.
    SwingUtilities.invokeAndWait {
        // Once for the JVM's compiler alone, as an app that has been open for a while.
        frames(1)
        (1..3).associateTo(figures) { density -> "density_$density" to frames(density) }
    }
    println(figures.entries.joinToString(",", "{", "}") { (name, value) -> "\"$name\":$value" })
}

@OptIn(ExperimentalComposeUiApi::class)
private fun frames(density: Int): Double {
    val sample = allSamples.first { it.screen == "conversation" && it.state == "10,000 messages" }
    val (width, height) = WIDTH_DP * density to HEIGHT_DP * density
    val scene =
        ImageComposeScene(width, height, Density(density.toFloat())) {
            PermessoTheme(dark = false) {
                Surface(Modifier.fillMaxSize(), color = MaterialTheme.colorScheme.background) { sample.content(null) }
            }
        }
    val middle = Offset(width / 2f, height / 2f)
    // A notch of the wheel moves by the root of what is scrolled, as on GNOME.
    val notches = SCROLL_DP * density / sqrt(height.toFloat())
    val times = mutableListOf<Duration>()
    var now = 0L
    repeat(WARM_UP + FRAMES) { frame ->
        scene.sendPointerEvent(PointerEventType.Scroll, middle, Offset(0f, -notches), now / 1_000_000)
        val time = measureTime { scene.render(now).close() }
        if (frame >= WARM_UP) times += time
        now += FRAME_NS
    }
    scene.close()
    times.sort()
    return times[FRAMES * 95 / 100 - 1].toDouble(DurationUnit.MILLISECONDS)
}
