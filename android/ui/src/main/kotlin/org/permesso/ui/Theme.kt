package org.permesso.ui

import androidx.compose.material3.ColorScheme
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Typography
import androidx.compose.material3.darkColorScheme
import androidx.compose.material3.lightColorScheme
import androidx.compose.runtime.Composable
import androidx.compose.runtime.remember
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.text.font.FontFamily

/** The colours by light; a test computes their contrast. */
internal val LightColours: ColorScheme =
    lightColorScheme(
        primary = Color(0xFF00595C),
        onPrimary = Color(0xFFFFFFFF),
        primaryContainer = Color(0xFFC4EBEC),
        onPrimaryContainer = Color(0xFF002022),
        secondary = Color(0xFF4A5C5D),
        onSecondary = Color(0xFFFFFFFF),
        secondaryContainer = Color(0xFFDCE8E8),
        onSecondaryContainer = Color(0xFF172526),
        tertiary = Color(0xFF7A4A00),
        onTertiary = Color(0xFFFFFFFF),
        tertiaryContainer = Color(0xFFFFE3BD),
        onTertiaryContainer = Color(0xFF3A2200),
        error = Color(0xFFA8161A),
        onError = Color(0xFFFFFFFF),
        errorContainer = Color(0xFFFFDAD7),
        onErrorContainer = Color(0xFF410004),
        background = Color(0xFFFBFDFC),
        onBackground = Color(0xFF171D1D),
        surface = Color(0xFFFBFDFC),
        onSurface = Color(0xFF171D1D),
        surfaceVariant = Color(0xFFE9EFEE),
        onSurfaceVariant = Color(0xFF3D4848),
        outline = Color(0xFF667373),
        outlineVariant = Color(0xFFC3CCCB),
    )

/** The colours in the dark. */
internal val DarkColours: ColorScheme =
    darkColorScheme(
        primary = Color(0xFF7FD4D8),
        onPrimary = Color(0xFF003739),
        primaryContainer = Color(0xFF004F52),
        onPrimaryContainer = Color(0xFFC4EBEC),
        secondary = Color(0xFFB1C6C7),
        onSecondary = Color(0xFF1C2E2F),
        secondaryContainer = Color(0xFF2C3B3C),
        onSecondaryContainer = Color(0xFFDCE8E8),
        tertiary = Color(0xFFFFBA5C),
        onTertiary = Color(0xFF402500),
        tertiaryContainer = Color(0xFF573600),
        onTertiaryContainer = Color(0xFFFFE3BD),
        error = Color(0xFFFFB3AD),
        onError = Color(0xFF680009),
        errorContainer = Color(0xFF8A0F14),
        onErrorContainer = Color(0xFFFFDAD7),
        background = Color(0xFF0F1515),
        onBackground = Color(0xFFDEE4E3),
        surface = Color(0xFF0F1515),
        onSurface = Color(0xFFDEE4E3),
        surfaceVariant = Color(0xFF222A2A),
        onSurfaceVariant = Color(0xFFBFC9C8),
        outline = Color(0xFF899392),
        outlineVariant = Color(0xFF3F4948),
    )

/** The look of every screen. A [font] is given where pictures must not depend on the machine's. */
@Composable
fun PermessoTheme(
    dark: Boolean,
    font: FontFamily? = null,
    content: @Composable () -> Unit,
) {
    val typography = remember(font) { Typography().with(font) }
    MaterialTheme(colorScheme = if (dark) DarkColours else LightColours, typography = typography, content = content)
}

private fun Typography.with(font: FontFamily?): Typography =
    if (font == null) {
        this
    } else {
        copy(
            titleLarge = titleLarge.copy(fontFamily = font),
            titleMedium = titleMedium.copy(fontFamily = font),
            titleSmall = titleSmall.copy(fontFamily = font),
            headlineSmall = headlineSmall.copy(fontFamily = font),
            bodyLarge = bodyLarge.copy(fontFamily = font),
            bodyMedium = bodyMedium.copy(fontFamily = font),
            bodySmall = bodySmall.copy(fontFamily = font),
            labelLarge = labelLarge.copy(fontFamily = font),
            labelMedium = labelMedium.copy(fontFamily = font),
            labelSmall = labelSmall.copy(fontFamily = font),
        )
    }
