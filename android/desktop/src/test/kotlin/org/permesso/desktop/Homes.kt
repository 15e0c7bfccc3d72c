package org.permesso.desktop

import org.permesso.Loopback
import java.io.File

/** What a host on 127.0.0.[last] is opened with; a search is soon over. */
internal fun Loopback.quick(last: Int): String = parameters(last, Loopback.CHEAP + "[presence]\nsearch_time = \"1s\"\n")

/** A folder for the program whose host is on 127.0.0.[last]. */
internal fun Loopback.home(
    folder: File,
    last: Int,
): File {
    folder.mkdirs()
    File(folder, "config.toml").writeText(quick(last))
    return folder
}
