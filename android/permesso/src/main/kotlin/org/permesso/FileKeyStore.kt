package org.permesso

import org.permesso.ffi.KeyStoreException
import java.io.File
import java.io.FileOutputStream
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.StandardCopyOption
import java.nio.file.attribute.PosixFilePermission.OWNER_READ
import java.nio.file.attribute.PosixFilePermission.OWNER_WRITE

/**
 * Keeps secrets in files that their owner alone may read: for desktops and servers without a keyring. Keep [directory]
 * outside of backups. On Android use the key store of the `permesso` artifact.
 */
public class FileKeyStore(
    private val directory: File,
) : KeyStore {
    override fun load(name: String): ByteArray? =
        guarded(KeyStoreException::Unavailable) {
            val file = File(directory, name)
            if (Files.notExists(file.toPath())) null else file.readBytes()
        }

    override fun save(
        name: String,
        secret: ByteArray,
    ): Unit =
        guarded(KeyStoreException::Unavailable) {
            Files.createDirectories(directory.toPath())
            val fresh = Files.createTempFile(directory.toPath(), name, ".new")
            // Windows has no such permissions; there the folder's own count. (Android tells of no file store.)
            if ("posix" in fresh.fileSystem.supportedFileAttributeViews()) {
                Files.setPosixFilePermissions(fresh, setOf(OWNER_READ, OWNER_WRITE))
            }
            FileOutputStream(fresh.toFile()).use {
                it.write(secret)
                it.fd.sync()
            }
            Files.move(fresh, File(directory, name).toPath(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING)
            // Its name is to outlive a loss of power, too. Windows opens no folder, and does so by itself.
            if (File.separatorChar == '/') FileChannel.open(directory.toPath()).use { it.force(true) }
        }
}
