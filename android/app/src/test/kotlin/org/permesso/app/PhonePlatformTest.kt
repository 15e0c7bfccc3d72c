package org.permesso.app

import android.app.Activity
import android.app.ActivityManager
import android.app.NotificationManager
import android.content.ClipData
import android.content.ClipboardManager
import android.content.ComponentName
import android.content.Intent
import android.content.IntentFilter
import android.net.ConnectivityManager
import android.net.Uri
import android.os.Build
import android.os.PowerManager
import android.provider.Settings
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.permesso.ui.Condition
import org.permesso.ui.Permission
import org.permesso.ui.SystemPage
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import java.io.File
import java.io.IOException

/** What the phone does for the screens. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26, 35], application = App::class)
internal class PhonePlatformTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val app = RuntimeEnvironment.getApplication() as App
    private val platform = app.platform

    private fun begun(): Intent? = shadowOf(app).nextStartedActivity

    @Test
    fun `a link opens a page, and nothing else that stands in a message opens anything`() {
        for (link in listOf("https://example.org/a?b#c", "HTTP://example.org")) {
            platform.openLink(link)
            val opened = checkNotNull(begun())
            assertEquals(Intent.ACTION_VIEW to Uri.parse(link), opened.action to opened.data)
            // As a browser does it: an app that is not for links from outside does not get them.
            assertEquals(setOf(Intent.CATEGORY_BROWSABLE), opened.categories)
            assertNull(opened.component)
        }
        val others =
            listOf(
                "intent://example.org#Intent;scheme=https;package=org.example;end",
                "javascript:alert(1)",
                "file:///data/data/org.permesso.app/files",
                "content://contacts/people/1",
                "permesso:grace",
                "tel:112",
                "market://details?id=org.example",
                " https://example.org",
                "example.org",
                "",
            )
        for (link in others) {
            platform.openLink(link)
            assertNull(link, begun())
        }
    }

    @Test
    fun `a text is handed to an app of the user's choice`() {
        platform.shareText("permesso:ada")
        val chooser = checkNotNull(begun())

        @Suppress("DEPRECATION") // What came for it is missing on older ones.
        val send = checkNotNull(chooser.getParcelableExtra<Intent>(Intent.EXTRA_INTENT))
        assertEquals(Intent.ACTION_CHOOSER to Intent.ACTION_SEND, chooser.action to send.action)
        assertEquals("text/plain" to "permesso:ada", send.type to send.getStringExtra(Intent.EXTRA_TEXT))
    }

    /** The pages of the settings by what Android calls them, and whether they are the app's own. */
    private val pages =
        mapOf(
            SystemPage.WIFI to (Settings.ACTION_WIFI_SETTINGS to false),
            SystemPage.BATTERY to (Settings.ACTION_IGNORE_BATTERY_OPTIMIZATION_SETTINGS to false),
            SystemPage.DATA_SAVER to (Settings.ACTION_IGNORE_BACKGROUND_DATA_RESTRICTIONS_SETTINGS to true),
            SystemPage.APP to (Settings.ACTION_APPLICATION_DETAILS_SETTINGS to true),
            SystemPage.NOTIFICATIONS to (Settings.ACTION_APP_NOTIFICATION_SETTINGS to false),
            SystemPage.DATE to (Settings.ACTION_DATE_SETTINGS to false),
        )

    @Test
    fun `every page of the settings is opened, those of an app for this one`() {
        assertEquals(SystemPage.entries.toSet(), pages.keys)
        for ((page, known) in pages) {
            assertTrue(platform.hasPage(page))
            platform.openPage(page)
            val opened = checkNotNull(begun())
            assertEquals(known.first, opened.action)
            assertEquals("package:org.permesso.app".takeIf { known.second }, opened.dataString)
            val named = opened.getStringExtra(Settings.EXTRA_APP_PACKAGE)
            assertEquals("org.permesso.app".takeIf { page == SystemPage.NOTIFICATIONS }, named)
        }
    }

    private fun install(action: String) {
        val part = ComponentName("org.example.settings", "org.example.settings.Settings")
        val manager = shadowOf(app.packageManager)
        manager.addActivityIfNotPresent(part)
        val filter = IntentFilter(action).apply { addCategory(Intent.CATEGORY_DEFAULT) }
        manager.addIntentFilterForActivity(part, filter)
    }

    @Test
    fun `where a maker left a page out the settings open all the same, and where there are none nothing fails`() {
        shadowOf(app).checkActivities(true)
        for (page in SystemPage.entries) platform.openPage(page)
        assertNull(begun())
        install(Settings.ACTION_SETTINGS)
        for (page in SystemPage.entries) {
            platform.openPage(page)
            assertEquals(Settings.ACTION_SETTINGS, begun()?.action)
        }
        // Nor is there a browser.
        platform.openLink("https://example.org")
        assertNull(begun())
    }

    /** Where some pages are for the system alone. */
    internal class Guarded : Activity() {
        val opened = mutableListOf<String?>()

        override fun startActivity(intent: Intent) {
            if (intent.action != Settings.ACTION_SETTINGS) throw SecurityException("not exported")
            opened.add(intent.action)
        }
    }

    @Test
    fun `where a maker keeps a page from other apps the settings open all the same`() {
        val guarded = Robolectric.buildActivity(Guarded::class.java).get()
        platform.activity = guarded
        for (page in SystemPage.entries) platform.openPage(page)
        assertEquals(SystemPage.entries.map { Settings.ACTION_SETTINGS }, guarded.opened)
    }

    private fun lacked(): Set<Permission> = Permission.entries.filter(platform::lacks).toSet()

    @Test
    fun `each Android is asked for what it has a question for, and for all of it`() {
        val everywhere = setOf(Permission.CAMERA, Permission.CONTACTS)
        val here = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) everywhere + Permission.NOTIFICATIONS else everywhere
        assertEquals(here, lacked())
        app.onAndroid17(isMadeForIt = false) { assertEquals(everywhere + Permission.NOTIFICATIONS, lacked()) }
        app.onAndroid17 {
            assertEquals(Permission.entries.toSet(), lacked())
            val allowed = shadowOf(app)
            allowed.grantPermissions("android.permission.ACCESS_LOCAL_NETWORK", "android.permission.POST_NOTIFICATIONS")
            assertEquals(everywhere, lacked())
        }
        shadowOf(app).grantPermissions("android.permission.CAMERA", "android.permission.READ_CONTACTS")
        assertEquals(setOf(Permission.CONTACTS), lacked())
        shadowOf(app).grantPermissions("android.permission.WRITE_CONTACTS")
        assertEquals(emptySet<Permission>(), lacked())
    }

    /** What Android says to [permission] once the user did [answer]. */
    private fun asked(
        permission: Permission,
        answer: (Array<String>) -> Pair<Array<String>, IntArray>,
    ): Boolean {
        val asking = Asking(platform)
        val begun = asking.begin { platform.permission(permission) }
        val request = shadowOf(asking.activity).lastRequestedPermission
        val (names, results) = answer(request.requestedPermissions)
        // As Android calls it, for which Jetpack's own is no longer to be called.
        val asks: Activity = asking.activity
        asks.onRequestPermissionsResult(request.requestCode, names, results)
        return asking.end(begun).getOrThrow()
    }

    @Test
    fun `a permission is there if the system says so after its question, and not if something came in between`() {
        // As where the screen turned: no answer at all.
        assertFalse(asked(Permission.CAMERA) { emptyArray<String>() to IntArray(0) })
        assertFalse(asked(Permission.CAMERA) { it to IntArray(it.size) { -1 } })
        val half =
            asked(Permission.CONTACTS) { names ->
                shadowOf(app).grantPermissions(names[0])
                names to intArrayOf(0, -1)
            }
        assertFalse(half)
        val whole =
            asked(Permission.CONTACTS) { names ->
                shadowOf(app).grantPermissions(*names)
                names to IntArray(names.size)
            }
        assertTrue(whole)
    }

    @Test
    fun `what is asked in a window that is swiped away is not waited for, and can be asked in the next`() {
        val first = Asking(platform)
        val permission = first.begin { platform.permission(Permission.CAMERA) }
        first.end()
        assertFalse(first.end(permission).getOrThrow())
        // It may also be gone without being told so.
        val second = Asking(platform)
        val place = second.begin { platform.answers.create("a.vcf", "text/vcard") }
        assertFalse(place.isCompleted)
        val third = Asking(platform)
        assertNull(second.end(place).getOrThrow())
        // The end of an older one is none of what is asked now.
        val again = third.begin { platform.answers.create("a.vcf", "text/vcard") }
        second.end()
        assertFalse(again.isCompleted)
        third.choose(Elsewhere.place("a.vcf"))
        assertEquals(Elsewhere.place("a.vcf"), third.end(again).getOrThrow())
        third.end()
        assertNull(third.end(third.begin { platform.answers.create("a.vcf", "text/vcard") }).getOrThrow())
    }

    @Test
    fun `what is allowed already, or needs no question here, is not asked, and without an activity nobody is`(): Unit =
        runBlocking {
            assertFalse(platform.permission(Permission.CAMERA))
            val asking = Asking(platform)
            shadowOf(app).grantPermissions("android.permission.CAMERA")
            assertTrue(platform.permission(Permission.CAMERA))
            assertTrue(platform.permission(Permission.LOCAL_NETWORK))
            assertNull(shadowOf(asking.activity).lastRequestedPermission)
        }

    @Test
    fun `who switched animations off in the system wants no movement`() {
        assertFalse(platform.reducedMotion)
        for ((scale, isReduced) in listOf(0f to true, 0.5f to false, 10f to false)) {
            Settings.Global.putFloat(app.contentResolver, Settings.Global.ANIMATOR_DURATION_SCALE, scale)
            assertEquals("$scale", isReduced, platform.reducedMotion)
        }
    }

    @Test
    @Config(sdk = [35])
    fun `the doctor hears of what limits this app, and on a phone as it is sold only of what all apps have`(): Unit =
        runBlocking {
            suspend fun told() = platform.conditions()
            assertEquals(setOf(Condition.BATTERY_OPTIMISED), told())
            val power = shadowOf(app.getSystemService(PowerManager::class.java))
            power.setIsPowerSaveMode(true)
            assertEquals(setOf(Condition.BATTERY_LIMITED), told())
            power.setIgnoringBatteryOptimizations(app.packageName, true)
            assertEquals(emptySet<Condition>(), told())
            val connectivity = shadowOf(app.getSystemService(ConnectivityManager::class.java))
            connectivity.setRestrictBackgroundStatus(ConnectivityManager.RESTRICT_BACKGROUND_STATUS_ENABLED)
            assertEquals(setOf(Condition.DATA_SAVER), told())
            connectivity.setRestrictBackgroundStatus(ConnectivityManager.RESTRICT_BACKGROUND_STATUS_WHITELISTED)
            shadowOf(app.getSystemService(ActivityManager::class.java)).setBackgroundRestricted(true)
            shadowOf(app.getSystemService(NotificationManager::class.java)).setNotificationsEnabled(false)
            assertEquals(setOf(Condition.BACKGROUND_KILLED, Condition.NOTIFICATIONS_OFF), told())
        }

    @Test
    fun `what was copied is pasted, a text as it is and a link by its name, and nothing is opened for it`(): Unit =
        runBlocking {
            assertNull(platform.pasteText())
            platform.copyText("permesso:ada")
            assertEquals("permesso:ada", platform.pasteText())
            val clipboard = app.getSystemService(ClipboardManager::class.java)
            clipboard.setPrimaryClip(ClipData.newRawUri(null, Uri.parse("permesso:grace")))
            assertEquals("permesso:grace", platform.pasteText())
            // Another app's, which may be for somebody else: Android 8 throws where it is opened all the same.
            val elsewhere = Robolectric.setupContentProvider(Elsewhere::class.java, Elsewhere.AUTHORITY)
            elsewhere.trouble = SecurityException("not for you")
            clipboard.setPrimaryClip(ClipData.newRawUri(null, Elsewhere.place("a")))
            assertEquals("${Elsewhere.place("a")}", platform.pasteText())
            assertNull(platform.pictures.paste())
        }

    private fun installed(content: String) {
        app.applicationInfo.sourceDir = File(folder.root, "base.apk").apply { writeText(content) }.path
    }

    /** What the app that was chosen is given. */
    private fun handedOn(): Uri {
        @Suppress("DEPRECATION") // What came for it is missing on older ones.
        val send = checkNotNull(checkNotNull(begun()).getParcelableExtra<Intent>(Intent.EXTRA_INTENT))
        assertEquals(Intent.ACTION_SEND to "application/vnd.android.package-archive", send.action to send.type)
        @Suppress("DEPRECATION")
        val place = checkNotNull(send.getParcelableExtra<Uri>(Intent.EXTRA_STREAM))
        // Without both the other app may not read it.
        assertEquals(place, send.clipData?.getItemAt(0)?.uri)
        assertTrue(send.flags and Intent.FLAG_GRANT_READ_URI_PERMISSION != 0)
        return place
    }

    @Test
    fun `the app is handed on as it is installed, and who still receives it is not disturbed by the next`(): Unit =
        runBlocking {
            installed("the app, version 1")
            val own = checkNotNull(platform.ownPackage)
            assertEquals(18L, own.bytes)
            own.share()
            val place = handedOn()
            assertEquals("Permesso.apk", place.lastPathSegment)
            val receiving = checkNotNull(app.contentResolver.openInputStream(place))
            assertEquals('t'.code, receiving.read())
            installed("another one")
            checkNotNull(platform.ownPackage).share()
            assertEquals("he app, version 1", receiving.use { it.reader().readText() })
            assertEquals("another one", app.contentResolver.openInputStream(handedOn())?.use { it.reader().readText() })
            assertEquals(listOf("Permesso.apk"), File(app.cacheDir, "shared").list().orEmpty().toList())
        }

    @Test
    fun `where there is no room for the app to be handed on, that is told and nothing is handed`(): Unit =
        runBlocking {
            installed("the app")
            File(app.cacheDir, "shared").writeText("in the way")
            assertTrue(runCatching { checkNotNull(platform.ownPackage).share() }.exceptionOrNull() is IOException)
            assertNull(begun())
        }
}
