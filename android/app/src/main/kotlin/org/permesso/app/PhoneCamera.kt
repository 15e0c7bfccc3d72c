package org.permesso.app

import android.content.Context
import android.graphics.SurfaceTexture
import android.view.TextureView
import androidx.compose.runtime.Composable
import androidx.compose.runtime.DisposableEffect
import androidx.compose.runtime.remember
import androidx.compose.runtime.rememberUpdatedState
import androidx.compose.ui.Modifier
import androidx.compose.ui.viewinterop.AndroidView
import org.permesso.ui.Camera
import org.permesso.ui.CameraSight

/** The phone's camera, looking for codes. */
internal class PhoneCamera(
    private val app: App,
) : Camera {
    @Composable
    override fun Finder(
        onText: (String) -> Unit,
        onSight: (CameraSight) -> Unit,
        modifier: Modifier,
    ) {
        val tell = rememberUpdatedState(onText)
        val tellSight = rememberUpdatedState(onSight)
        val camera = remember { CodeCamera(app, { tellSight.value(it) }) { text -> tell.value(text) } }
        DisposableEffect(camera) { onDispose(camera::close) }
        AndroidView({ context -> View(context, camera) }, modifier)
    }

    private class View(
        context: Context,
        private val camera: CodeCamera,
    ) : TextureView(context),
        TextureView.SurfaceTextureListener {
        private var surface: SurfaceTexture? = null

        init {
            surfaceTextureListener = this
        }

        override fun onSurfaceTextureAvailable(
            surface: SurfaceTexture,
            width: Int,
            height: Int,
        ) {
            this.surface = surface
            camera.open(surface)
            fit()
        }

        override fun onSurfaceTextureSizeChanged(
            surface: SurfaceTexture,
            width: Int,
            height: Int,
        ) = fit()

        override fun onSurfaceTextureDestroyed(surface: SurfaceTexture): Boolean {
            this.surface = null
            camera.close()
            return true
        }

        override fun onSurfaceTextureUpdated(surface: SurfaceTexture): Unit = camera.drawn()

        // Behind another app nobody looks, and Android takes the camera away without giving it back.
        override fun onWindowVisibilityChanged(visibility: Int) {
            super.onWindowVisibilityChanged(visibility)
            if (visibility == VISIBLE) surface?.let(camera::open) else camera.close()
        }

        // The camera's picture fills the view without being stretched.
        private fun fit() {
            @Suppress("DEPRECATION") // Its successor is of Android 11.
            val turned = display?.rotation ?: 0
            setTransform(coveringTransform(width, height, turned, camera.liesAcross()))
        }
    }
}
