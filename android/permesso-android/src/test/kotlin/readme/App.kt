package readme

import android.app.Application
import android.app.PendingIntent
import android.content.Intent
import kotlinx.coroutines.MainScope
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import org.permesso.AndroidKeyStore
import org.permesso.DeviceNetworks
import org.permesso.HostNotifications
import org.permesso.NotificationAnswers
import org.permesso.Permesso
import org.permesso.PermessoConfig
import org.permesso.ffi.PermessoException
import java.io.File

class App : Application() {
    private val scope = MainScope()

    override fun onCreate() {
        super.onCreate()
        val config = PermessoConfig(File(noBackupFilesDir, "host"), alias = "Ada", keyStore = AndroidKeyStore(this))
        val networks = DeviceNetworks(this)
        val opening =
            scope.async {
                val permesso = Permesso.open(config)
                permesso.setNetworkAddresses(networks.addresses.first()) // so that it waits for Wi-Fi, where there is none yet
                permesso.also { it.start() }
            }
        NotificationAnswers.host = { opening.await() } // for replies from notifications, and for HostService
        scope.launch {
            val permesso =
                try {
                    opening.await()
                } catch (why: PermessoException) {
                    return@launch // for your activity to say; KeyUnavailable wants importAccount, or erase and a fresh start
                }
            launch { networks.follow(permesso) } // Wi-Fi that comes and goes, a hotspot of its own
            launch { networks.discover(permesso) } // only while it is of use: it costs battery
            HostNotifications(this@App, R.drawable.ic_chat, ::conversation).follow(permesso)
        }
    }

    private fun conversation(friend: String): PendingIntent {
        val intent = Intent(this, MainActivity::class.java).putExtra("friend", friend)
        return PendingIntent.getActivity(this, friend.hashCode(), intent, PendingIntent.FLAG_IMMUTABLE)
    }
}
