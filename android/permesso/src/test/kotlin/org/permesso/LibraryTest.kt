package org.permesso

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.permesso.ffi.PermessoException
import java.io.IOException

internal class LibraryTest {
    @Test
    fun `a library that is not there is an error that an app expects`() {
        val missing = assertThrows<PermessoException.System> { Library.typedIfMissing { System.load("/where/no/library/is") } }
        assertEquals(UnsatisfiedLinkError::class, missing.cause!!::class)
        assertThrows<PermessoException.System> { Library.typedIfMissing { throw IOException("not in the jar") } }
    }
}
