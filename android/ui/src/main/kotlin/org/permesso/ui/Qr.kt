package org.permesso.ui

import androidx.compose.foundation.Canvas
import androidx.compose.foundation.background
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.aspectRatio
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.widthIn
import androidx.compose.foundation.shape.RoundedCornerShape
import androidx.compose.runtime.Composable
import androidx.compose.runtime.remember
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.draw.clip
import androidx.compose.ui.geometry.Offset
import androidx.compose.ui.geometry.Rect
import androidx.compose.ui.geometry.Size
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.Path
import androidx.compose.ui.graphics.drawscope.scale
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.role
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.dp
import com.google.zxing.BarcodeFormat
import com.google.zxing.BinaryBitmap
import com.google.zxing.DecodeHintType
import com.google.zxing.EncodeHintType
import com.google.zxing.PlanarYUVLuminanceSource
import com.google.zxing.ReaderException
import com.google.zxing.common.GlobalHistogramBinarizer
import com.google.zxing.common.HybridBinarizer
import com.google.zxing.qrcode.QRCodeReader
import com.google.zxing.qrcode.decoder.ErrorCorrectionLevel
import com.google.zxing.qrcode.encoder.Encoder
import java.util.EnumMap

/** The squares of a QR code. */
class QrCode(
    private val dark: Array<BooleanArray>,
) {
    /** How many squares a side has. */
    val side: Int get() = dark.size

    /** Whether a square is dark; outside everything is light. */
    fun isDark(
        x: Int,
        y: Int,
    ): Boolean = dark.getOrNull(y)?.getOrNull(x) ?: false

    /** Making one. */
    companion object {
        /** The light frame around a code, in squares: ISO/IEC 18004 wants four. */
        const val FRAME: Int = 4

        /** The code of a text. */
        fun of(text: String): QrCode {
            // Level L, as the protocol counts its longest code: a screen has no dirt on it.
            val matrix = Encoder.encode(text, ErrorCorrectionLevel.L, mapOf(EncodeHintType.CHARACTER_SET to "UTF-8")).matrix
            return QrCode(Array(matrix.height) { y -> BooleanArray(matrix.width) { x -> matrix.get(x, y).toInt() == 1 } })
        }
    }
}

/** Finds QR codes in pictures. */
object QrReader {
    private val hints =
        EnumMap<DecodeHintType, Any>(DecodeHintType::class.java).apply {
            put(DecodeHintType.TRY_HARDER, true)
            put(DecodeHintType.CHARACTER_SET, "UTF-8")
        }

    /**
     * The text of a code in a picture, dark on light or light on dark, turned any way; null if there is none.
     *
     * @param bytes The brightness, a byte a pixel, as the first plane of YUV_420_888; a row has [stride] bytes.
     */
    fun read(
        bytes: ByteArray,
        stride: Int,
        width: Int,
        height: Int,
    ): String? {
        if (width <= 0 || height <= 0 || stride < width || bytes.size < stride.toLong() * (height - 1) + width) return null
        val upright = packed(bytes, stride, width, height)
        return decode(upright, width, height) ?: decode(turned(upright, width, height), height, width)
    }

    private fun decode(
        pixels: ByteArray,
        width: Int,
        height: Int,
    ): String? {
        val source = PlanarYUVLuminanceSource(pixels, width, height, 0, 0, width, height, false)
        val ways = sequenceOf(HybridBinarizer(source), HybridBinarizer(source.invert()), GlobalHistogramBinarizer(source))
        return ways.firstNotNullOfOrNull { decode(BinaryBitmap(it)) }
    }

    private fun decode(bitmap: BinaryBitmap): String? =
        try {
            QRCodeReader().decode(bitmap, hints).takeIf { it.barcodeFormat == BarcodeFormat.QR_CODE }?.text
        } catch (_: ReaderException) {
            null
        }

    /** Without what follows the pixels of a row; the last row may end with its last pixel. */
    private fun packed(
        bytes: ByteArray,
        stride: Int,
        width: Int,
        height: Int,
    ): ByteArray {
        val pixels = ByteArray(width * height)
        for (row in 0 until height) bytes.copyInto(pixels, row * width, row * stride, row * stride + width)
        return pixels
    }

    /** By a quarter: zxing looks along rows, and now and then finds a pattern in one direction only. */
    private fun turned(
        pixels: ByteArray,
        width: Int,
        height: Int,
    ): ByteArray {
        val result = ByteArray(pixels.size)
        for (y in 0 until height) for (x in 0 until width) result[x * height + (height - 1 - y)] = pixels[y * width + x]
        return result
    }
}

/** A QR code as large as there is room; always dark on white, for not every camera reads the contrary. */
@Composable
internal fun QrPicture(
    text: String,
    label: String,
    modifier: Modifier = Modifier,
) {
    val code = remember(text) { QrCode.of(text) }
    val path = remember(code) { pathOf(code) }
    Box(modifier.fillMaxWidth().padding(8.dp), contentAlignment = Alignment.Center) {
        Canvas(
            Modifier
                .widthIn(max = 360.dp)
                .fillMaxWidth()
                .aspectRatio(1f)
                .clip(RoundedCornerShape(8.dp))
                .background(Color.White)
                .semantics {
                    contentDescription = label
                    role = Role.Image
                },
        ) {
            val squares = code.side + 2 * QrCode.FRAME
            // Whole pixels, or the squares differ.
            val one = (size.width / squares).toInt().coerceAtLeast(1).toFloat()
            val edge = (size.width - one * code.side) / 2
            drawContext.transform.translate(edge, edge)
            scale(one, one, Offset.Zero) { drawPath(path, Color.Black) }
        }
    }
}

private fun pathOf(code: QrCode): Path =
    Path().apply {
        for (y in 0 until code.side) {
            var x = 0
            while (x < code.side) {
                val begin = x
                while (code.isDark(x, y)) x++
                if (x > begin) addRect(Rect(Offset(begin.toFloat(), y.toFloat()), Size((x - begin).toFloat(), 1f)))
                x++
            }
        }
    }
