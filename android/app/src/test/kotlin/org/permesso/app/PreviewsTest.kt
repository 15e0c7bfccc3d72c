package org.permesso.app

import androidx.compose.ui.tooling.preview.PreviewParameter
import androidx.compose.ui.tooling.preview.PreviewParameterProvider
import org.junit.Assert.assertEquals
import org.junit.Test
import org.permesso.ui.samples.Sample
import org.permesso.ui.samples.allSamples
import java.lang.reflect.Method

internal class PreviewsTest {
    @Test
    fun `Android Studio shows every state of every screen, each below its screen's name`() {
        val previews = Class.forName("org.permesso.app.PreviewsKt").methods.filter { Sample::class.java in it.parameterTypes }
        val shown = previews.flatMap { preview -> samples(preview).map { it.screen to it.state } }
        assertEquals(allSamples.map { it.screen to it.state }.toSet(), shown.toSet())
        assertEquals(allSamples.size, shown.size)
        for (preview in previews) {
            assertEquals(setOf(preview.name.lowercase()), samples(preview).map { it.screen.replace(" ", "") }.toSet())
        }
    }

    private fun samples(preview: Method): List<Sample> {
        val parameter = preview.parameterAnnotations.flatMap { it.toList() }.single { it is PreviewParameter } as PreviewParameter
        val provider =
            parameter.provider.java
                .getDeclaredConstructor()
                .newInstance() as PreviewParameterProvider<*>
        return provider.values.map { it as Sample }.toList()
    }
}
