package org.permesso.desktop

import androidx.compose.ui.geometry.CornerRadius
import androidx.compose.ui.geometry.Offset
import androidx.compose.ui.geometry.Size
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.Path
import androidx.compose.ui.graphics.drawscope.DrawScope
import androidx.compose.ui.graphics.drawscope.scale
import androidx.compose.ui.graphics.painter.Painter

/** The program's picture for window, tray and list of programs: two who talk, as on the phone. */
internal object AppIcon : Painter() {
    private val ground = Color(0xFF00595C)
    private val mine = Color(0xFFFFFFFF)
    private val others = Color(0xFF7FD4D8)

    override val intrinsicSize: Size = Size(64f, 64f)

    override fun DrawScope.onDraw() {
        scale(size.width / 64f, size.height / 64f, Offset.Zero) {
            drawRoundRect(ground, size = Size(64f, 64f), cornerRadius = CornerRadius(14f))
            drawRoundRect(others, Offset(10f, 12f), Size(32f, 20f), CornerRadius(7f))
            drawPath(tail(15f, 31f, 15f, 40f, 25f), others)
            drawRoundRect(mine, Offset(22f, 27f), Size(32f, 20f), CornerRadius(7f))
            drawPath(tail(49f, 46f, 49f, 55f, 39f), mine)
        }
    }

    /** Where a bubble points to whoever speaks. */
    private fun tail(
        x: Float,
        top: Float,
        tip: Float,
        bottom: Float,
        back: Float,
    ): Path =
        Path().apply {
            moveTo(x, top)
            lineTo(tip, bottom)
            lineTo(back, top)
            close()
        }
}
