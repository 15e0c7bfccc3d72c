package org.permesso.app

import android.graphics.SurfaceTexture
import android.view.TextureView
import androidx.compose.runtime.Composable
import androidx.compose.runtime.DisposableEffect
import androidx.compose.runtime.remember
import androidx.compose.runtime.rememberUpdatedState
import androidx.compose.ui.Modifier
import androidx.compose.ui.viewinterop.AndroidView
import org.permesso.ui.Camera

/** The phone's camera, looking for codes. */
internal class PhoneCamera(
    private val app: App,
) : Camera {
    @Composable
    override fun Finder(
        onText: (String) -> Unit,
        modifier: Modifier,
    ) {
        val tell = rememberUpdatedState(onText)
        val camera = remember { CodeCamera(app) { text -> tell.value(text) } }
        DisposableEffect(camera) { onDispose(camera::close) }
        AndroidView({ context -> TextureView(context).apply { surfaceTextureListener = Listener(camera, this) } }, modifier)
    }

    private class Listener(
        private val camera: CodeCamera,
        private val view: TextureView,
    ) : TextureView.SurfaceTextureListener {
        override fun onSurfaceTextureAvailable(
            surface: SurfaceTexture,
            width: Int,
            height: Int,
        ) {
            camera.open(surface)
            fit()
        }

        override fun onSurfaceTextureSizeChanged(
            surface: SurfaceTexture,
            width: Int,
            height: Int,
        ) = fit()

        override fun onSurfaceTextureDestroyed(surface: SurfaceTexture): Boolean {
            camera.close()
            return true
        }

        override fun onSurfaceTextureUpdated(surface: SurfaceTexture): Unit = Unit

        // The camera's picture fills the view without being stretched.
        private fun fit() {
            @Suppress("DEPRECATION") // Its successor is of Android 11.
            val turned = view.display?.rotation ?: 0
            view.setTransform(coveringTransform(view.width, view.height, turned))
        }
    }
}
