package org.permesso.ui

import androidx.compose.ui.graphics.ImageBitmap
import androidx.compose.ui.graphics.asSkiaBitmap
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SkikoComposeUiTest
import org.jetbrains.skia.EncodedImageFormat
import org.jetbrains.skia.Image
import java.io.File

/** Where pictures go. */
internal val PICTURES = File("target/screens")

/** Writes what is seen now. */
@OptIn(ExperimentalTestApi::class)
internal fun SkikoComposeUiTest.picture(name: String) {
    write(captureToImage(), File(PICTURES, "$name.png"))
}

internal fun write(
    picture: ImageBitmap,
    file: File,
) {
    file.parentFile.mkdirs()
    val bytes = checkNotNull(Image.makeFromBitmap(picture.asSkiaBitmap()).encodeToData(EncodedImageFormat.PNG)) { "no PNG" }
    file.writeBytes(bytes.bytes)
}
