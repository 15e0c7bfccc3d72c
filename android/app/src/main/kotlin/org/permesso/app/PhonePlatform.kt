package org.permesso.app

import android.app.Activity
import android.app.ActivityManager
import android.app.NotificationManager
import android.content.ActivityNotFoundException
import android.content.ClipData
import android.content.ClipboardManager
import android.content.Intent
import android.content.pm.PackageManager
import android.net.ConnectivityManager
import android.net.Uri
import android.net.wifi.WifiManager
import android.os.Build
import android.os.PowerManager
import android.provider.Settings
import android.text.format.DateFormat
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import org.permesso.DeviceNetworks
import org.permesso.ui.AddressBook
import org.permesso.ui.Background
import org.permesso.ui.Camera
import org.permesso.ui.Condition
import org.permesso.ui.Files
import org.permesso.ui.OwnPackage
import org.permesso.ui.Permission
import org.permesso.ui.Pictures
import org.permesso.ui.Platform
import org.permesso.ui.PreferenceName
import org.permesso.ui.Preferences
import org.permesso.ui.SystemPage
import java.util.Locale

/** What a phone does for the screens. */
internal class PhonePlatform(
    private val app: App,
) : Platform {
    /** Questions to the user outside of the screens. */
    val answers = Answers()

    /** The activity, while it is visible. */
    var activity: Activity? = null

    override val is24Hour: Boolean get() = DateFormat.is24HourFormat(app)

    override val reducedMotion: Boolean
        get() = Settings.Global.getFloat(app.contentResolver, Settings.Global.ANIMATOR_DURATION_SCALE, 1f) == 0f

    override val systemLanguage: String get() =
        app.resources.configuration.locales[0]
            .language

    override val version: String get() =
        app.packageManager
            .getPackageInfo(app.packageName, 0)
            .versionName
            .orEmpty()

    override suspend fun licences(): String =
        withContext(Dispatchers.IO) {
            app.assets
                .list(LICENCES)
                .orEmpty()
                .sorted()
                .joinToString("\n\n") { name -> app.assets.open("$LICENCES/$name").use { it.reader().readText() } }
        }

    override val preferences: Preferences = app.preferences

    override fun copyText(text: String) {
        app.getSystemService(ClipboardManager::class.java).setPrimaryClip(ClipData.newPlainText("Permesso", text))
    }

    override val pasteText: suspend () -> String? = {
        app
            .getSystemService(ClipboardManager::class.java)
            .primaryClip
            ?.takeIf { it.itemCount > 0 }
            ?.getItemAt(0)
            ?.let { it.text ?: it.uri }
            ?.toString()
    }

    override val shareText: (String) -> Unit = { text ->
        val send = Intent(Intent.ACTION_SEND).setType("text/plain").putExtra(Intent.EXTRA_TEXT, text)
        go(Intent.createChooser(send, null))
    }

    override val openLink: (String) -> Unit = { link ->
        val uri = Uri.parse(link)
        // A message is somebody else's text: it may open a page, not start an app.
        if (uri.scheme?.lowercase(Locale.ROOT) in setOf("http", "https")) {
            go(Intent(Intent.ACTION_VIEW, uri).addCategory(Intent.CATEGORY_BROWSABLE))
        }
    }

    override val files: Files = PhoneFiles(app, answers)

    override val camera: Camera? =
        if (app.packageManager.hasSystemFeature(PackageManager.FEATURE_CAMERA_ANY)) PhoneCamera(app) else null

    override val pictures: Pictures = PhonePictures(app, answers)

    override val addressBook: AddressBook = PhoneAddressBook(app.contentResolver)

    override val ownPackage: OwnPackage? get() = InstalledPackage.of(app, ::go)

    override val background: Background =
        object : Background {
            override val startsWithDevice = true

            override fun preferencesChanged() {
                BootReceiver.set(app, preferences[PreferenceName.START_WITH_DEVICE] == "true")
                app.host.preferencesChanged()
            }
        }

    override suspend fun conditions(): Set<Condition> =
        withContext(Dispatchers.IO) {
            buildSet {
                fun put(
                    condition: Condition,
                    holds: Boolean,
                ) {
                    if (holds) add(condition)
                }
                val connectivity = app.getSystemService(ConnectivityManager::class.java)
                val power = app.getSystemService(PowerManager::class.java)
                val isOptimised = !power.isIgnoringBatteryOptimizations(app.packageName)
                put(Condition.NO_PERMISSION, !isAllowed(Permission.LOCAL_NETWORK))
                put(Condition.WIFI_OFF, isWifiMissed())
                put(Condition.BATTERY_LIMITED, isOptimised && power.isPowerSaveMode)
                put(Condition.DATA_SAVER, connectivity.restrictBackgroundStatus == ConnectivityManager.RESTRICT_BACKGROUND_STATUS_ENABLED)
                put(Condition.BACKGROUND_KILLED, isKilledInBackground())
                put(Condition.NOTIFICATIONS_OFF, !app.getSystemService(NotificationManager::class.java).areNotificationsEnabled())
                put(Condition.BATTERY_OPTIMISED, isOptimised && !power.isPowerSaveMode)
            }
        }

    override fun hasPage(page: SystemPage): Boolean = true

    override fun openPage(page: SystemPage) {
        val own = Uri.fromParts("package", app.packageName, null)
        val intent =
            when (page) {
                SystemPage.WIFI -> {
                    Intent(Settings.ACTION_WIFI_SETTINGS)
                }

                SystemPage.BATTERY -> {
                    Intent(Settings.ACTION_IGNORE_BATTERY_OPTIMIZATION_SETTINGS)
                }

                SystemPage.DATA_SAVER -> {
                    Intent(Settings.ACTION_IGNORE_BACKGROUND_DATA_RESTRICTIONS_SETTINGS, own)
                }

                SystemPage.APP -> {
                    Intent(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, own)
                }

                SystemPage.NOTIFICATIONS -> {
                    Intent(Settings.ACTION_APP_NOTIFICATION_SETTINGS).putExtra(Settings.EXTRA_APP_PACKAGE, app.packageName)
                }

                SystemPage.DATE -> {
                    Intent(Settings.ACTION_DATE_SETTINGS)
                }
            }
        // A maker may have left a page out; the general one is everywhere.
        if (!go(intent)) go(Intent(Settings.ACTION_SETTINGS))
    }

    override fun lacks(permission: Permission): Boolean = !isAllowed(permission)

    override suspend fun permission(permission: Permission): Boolean {
        if (!isAllowed(permission) && activity != null) answers.permit(names(permission))
        // The answer itself is empty where something came in between, and says nothing of what was allowed before.
        return isAllowed(permission)
    }

    override val quit: () -> Unit = { app.scope.launch { app.leave() } }

    private fun isAllowed(permission: Permission): Boolean =
        names(permission).all { app.checkSelfPermission(it) == PackageManager.PERMISSION_GRANTED }

    /** What Android calls them, where it has them. */
    private fun names(permission: Permission): List<String> =
        when (permission) {
            Permission.LOCAL_NETWORK -> {
                // Android 17 asks only apps that are made for it: https://developer.android.com/privacy-and-security/local-network-permission
                val isAsked = minOf(Build.VERSION.SDK_INT, app.applicationInfo.targetSdkVersion) >= ANDROID_17
                if (isAsked) listOf(ACCESS_LOCAL_NETWORK) else emptyList()
            }

            Permission.NOTIFICATIONS -> {
                if (Build.VERSION.SDK_INT >=
                    Build.VERSION_CODES.TIRAMISU
                ) {
                    listOf(android.Manifest.permission.POST_NOTIFICATIONS)
                } else {
                    emptyList()
                }
            }

            Permission.CAMERA -> {
                listOf(android.Manifest.permission.CAMERA)
            }

            Permission.CONTACTS -> {
                listOf(android.Manifest.permission.READ_CONTACTS, android.Manifest.permission.WRITE_CONTACTS)
            }
        }

    /** Whether a Wi-Fi would help: a cable or a hotspot of the phone's own, which often takes its place, are as good. */
    private suspend fun isWifiMissed(): Boolean {
        val wifi: WifiManager? = app.getSystemService(WifiManager::class.java)
        return wifi != null && !wifi.isWifiEnabled && DeviceNetworks(app).addresses.first().isEmpty()
    }

    private fun isKilledInBackground(): Boolean =
        Build.VERSION.SDK_INT >= Build.VERSION_CODES.P && Api28.isRestricted(app.getSystemService(ActivityManager::class.java))

    /** Whether something could be opened. */
    private fun go(intent: Intent): Boolean =
        try {
            val from = activity
            if (from != null) from.startActivity(intent) else app.startActivity(intent.addFlags(Intent.FLAG_ACTIVITY_NEW_TASK))
            true
        } catch (_: ActivityNotFoundException) {
            false
        } catch (_: SecurityException) {
            // Some makers' pages are not for other apps.
            false
        }

    private companion object {
        /** The folder of assets with the notices. */
        const val LICENCES = "licences"

        // No released AGP 8 compiles against Android 17, whose names these are.
        const val ANDROID_17 = 37
        const val ACCESS_LOCAL_NETWORK = "android.permission.ACCESS_LOCAL_NETWORK"
    }
}
