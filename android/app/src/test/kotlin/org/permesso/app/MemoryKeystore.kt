package org.permesso.app

import android.security.keystore.KeyGenParameterSpec
import java.io.InputStream
import java.io.OutputStream
import java.security.Key
import java.security.KeyStoreSpi
import java.security.Provider
import java.security.SecureRandom
import java.security.Security
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import javax.crypto.KeyGenerator
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey

/** Android's Keystore as far as the app asks it, with real AES keys in memory: Robolectric has none. */
internal object MemoryKeystore : Provider(NAME, "1", "keys in memory") {
    private fun readResolve(): Any = MemoryKeystore

    val made: MutableMap<String, SecretKey> = Collections.synchronizedMap(mutableMapOf())

    init {
        put("KeyStore.$NAME", Store::class.java.name)
        put("KeyGenerator.AES", Generator::class.java.name)
    }

    /** Puts it where Android has its own. */
    fun install() {
        Security.removeProvider(NAME)
        Security.addProvider(this)
        made.clear()
    }

    internal class Generator : KeyGeneratorSpi() {
        private lateinit var alias: String

        override fun engineInit(
            params: AlgorithmParameterSpec,
            random: SecureRandom?,
        ) {
            alias = (params as KeyGenParameterSpec).keystoreAlias
        }

        override fun engineInit(random: SecureRandom?): Unit = throw UnsupportedOperationException()

        override fun engineInit(
            size: Int,
            random: SecureRandom?,
        ): Unit = throw UnsupportedOperationException()

        override fun engineGenerateKey(): SecretKey =
            KeyGenerator
                .getInstance("AES", "SunJCE")
                .apply { init(256) }
                .generateKey()
                .also { made[alias] = it }
    }

    internal class Store : KeyStoreSpi() {
        override fun engineGetKey(
            alias: String,
            password: CharArray?,
        ): Key? = made[alias]

        override fun engineAliases(): Enumeration<String> = Collections.enumeration(made.keys.toList())

        override fun engineContainsAlias(alias: String) = alias in made

        override fun engineDeleteEntry(alias: String) {
            made.remove(alias)
        }

        override fun engineSize() = made.size

        override fun engineIsKeyEntry(alias: String) = alias in made

        override fun engineLoad(
            stream: InputStream?,
            password: CharArray?,
        ) = Unit

        override fun engineGetCertificateChain(alias: String): Array<Certificate>? = null

        override fun engineGetCertificate(alias: String): Certificate? = null

        override fun engineGetCreationDate(alias: String): Date? = null

        override fun engineSetKeyEntry(
            alias: String,
            key: Key,
            password: CharArray?,
            chain: Array<Certificate>?,
        ): Unit = throw UnsupportedOperationException()

        override fun engineSetKeyEntry(
            alias: String,
            key: ByteArray,
            chain: Array<Certificate>?,
        ): Unit = throw UnsupportedOperationException()

        override fun engineSetCertificateEntry(
            alias: String,
            cert: Certificate,
        ): Unit = throw UnsupportedOperationException()

        override fun engineIsCertificateEntry(alias: String) = false

        override fun engineGetCertificateAlias(cert: Certificate): String? = null

        override fun engineStore(
            stream: OutputStream?,
            password: CharArray?,
        ) = Unit
    }
}

private const val NAME = "AndroidKeyStore"
