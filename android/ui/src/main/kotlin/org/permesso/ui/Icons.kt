package org.permesso.ui

import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.SolidColor
import androidx.compose.ui.graphics.vector.ImageVector
import androidx.compose.ui.graphics.vector.addPathNodes
import androidx.compose.ui.unit.dp

/** Our own icons, of 24 × 24; what Material's core has is taken from there. */
internal object Icons {
    val Code =
        icon(
            "M3 3h8v8H3zM5 5v4h4V5zM13 3h8v8h-8zM15 5v4h4V5zM3 13h8v8H3zM5 15v4h4v-4zM13 13h2v2h-2zM17 13h2v2h-2zM15 15h2v2h-2zM19 15h2v2h-2zM13 17h2v2h-2zM17 17h2v2h-2zM15 19h2v2h-2zM19 19h2v2h-2z",
        )
    val Scan = icon("M2 2h6v2H4v4H2zM16 2h6v6h-2V4h-4zM2 16h2v4h4v2H2zM20 16h2v6h-6v-2h4zM4 11h16v2H4z")
    val Block =
        icon("M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20zM12 4a8 8 0 0 1 4.9 1.7L5.7 16.9A8 8 0 0 1 12 4zM18.3 7.1A8 8 0 0 1 7.1 18.3z")
    val Doctor = icon("M10 3h4v7h7v4h-7v7h-4v-7H3v-4h7z")
    val Copy = icon("M4 2h12v2H6v12H4zM8 6h12v16H8zM10 8v12h8V8z")
    val Pass = icon("M12 2l5 5h-4v8h-2V7H7zM5 11h3v2H7v7h10v-7h-1v-2h3v11H5z")
    val Notice = icon("M12 2a2 2 0 0 1 2 2v.6A6 6 0 0 1 18 10v5l2 3H4l2-3v-5a6 6 0 0 1 4-5.4V4a2 2 0 0 1 2-2zM10 19h4a2 2 0 0 1-4 0z")
    val Waiting = icon("M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20zM12 4a8 8 0 1 1 0 16a8 8 0 1 1 0-16zM11 6h2v6.4l4 2.3l-1 1.7l-5-2.9z")
    val Held = icon("M4 4h16v16H4zM6 6v8h3a3 3 0 0 0 6 0h3V6zM6 16v2h12v-2h-1.4a5 5 0 0 1-9.2 0z")
    val Failed = icon("M12 2L1 21h22zM11 9h2v6h-2zM11 17h2v2h-2z")
    val Verified =
        icon(
            "M12 1l8 3.5V11c0 5-3.400 9.700-8 11c-4.600-1.300-8-6-8-11V4.500zM10.900 15.500l6-6l-1.400-1.400l-4.600 4.600l-2-2l-1.400 1.400z",
        )
    val Leave = icon("M4 3h9v2H6v14h7v2H4zM15 7l5 5l-5 5v-4H9v-2h6z")
    val Backup = icon("M5 3h11l3 3v15H5zM8 5v5h7V5zM8 13v6h8v-6z")
    val Theme = icon("M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18zM12 5a7 7 0 0 1 0 14z")
    val Smile =
        icon(
            "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20zM12 4a8 8 0 1 1 0 16a8 8 0 1 1 0-16zM8 8h2v3H8zM14 8h2v3h-2zM7 14h2a3 3 0 0 0 6 0h2a5 5 0 0 1-10 0z",
        )
    val Send = icon("M3 3l19 9l-19 9v-7l10-2l-10-2z", mirrored = true)
    val Delivered = icon("M9 16.200L4.800 12l-1.400 1.400L9 19L21 7l-1.400-1.400z")
    val Read =
        icon(
            "M1 12.400L2.400 11l4.200 4.200l-1.400 1.400zM8.600 15.200L17.200 6.600l1.400 1.400l-10 10L4.600 14L6 12.600zM14 15.200l8.600-8.600L24 8l-10 10l-2-2l1.400-1.400z",
        )
    val People =
        icon(
            "M8 4a4 4 0 1 0 0 8a4 4 0 1 0 0-8zM1 20v-2c0-3 4-4.500 7-4.500s7 1.500 7 4.500v2zM16 5a3.500 3.500 0 1 0 0 7a3.500 3.500 0 1 0 0-7zM17 13.600c2.800.3 6 1.700 6 4.400v2h-6v-2c0-1.800-.8-3.200-2-4.300z",
        )
    val Sheet = icon("M6 2h8l5 5v15H6zM8 4v16h9V8h-4V4zM10 11h5v2h-5zM10 15h5v2h-5z")
    val Language =
        icon(
            "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20zM12 4c1 0 2.500 2.500 2.900 7H9.100C9.500 6.500 11 4 12 4zM8.700 4.700A14 14 0 0 0 7.100 11H4.100a8 8 0 0 1 4.600-6.300zM15.300 4.700A8 8 0 0 1 19.900 11h-3a14 14 0 0 0-1.600-6.300zM4.100 13h3a14 14 0 0 0 1.600 6.300A8 8 0 0 1 4.100 13zM9.100 13h5.800c-.4 4.500-1.900 7-2.900 7s-2.500-2.500-2.900-7zM16.900 13h3a8 8 0 0 1-4.600 6.300A14 14 0 0 0 16.900 13z",
        )

    private fun icon(
        path: String,
        mirrored: Boolean = false,
    ): ImageVector =
        ImageVector
            .Builder(defaultWidth = 24.dp, defaultHeight = 24.dp, viewportWidth = 24f, viewportHeight = 24f, autoMirror = mirrored)
            .addPath(
                pathData = addPathNodes(path),
                pathFillType = androidx.compose.ui.graphics.PathFillType.EvenOdd,
                fill = SolidColor(Color.Black),
            ).build()
}
