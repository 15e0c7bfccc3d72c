package org.permesso.testing

import org.permesso.AccountReport
import org.permesso.OnProgress
import java.io.File

/** Writes a file that is there whole, or not at all. */
internal suspend fun exported(
    file: File,
    work: LongWork,
    onProgress: OnProgress?,
    report: () -> AccountReport,
): AccountReport {
    var isWhole = false
    try {
        file.writeText("the account of ")
        work.follow(onProgress)
        file.appendText("a fake host\n")
        return report().also { isWhole = true }
    } finally {
        if (!isWhole) file.delete()
    }
}
