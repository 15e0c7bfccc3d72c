package org.permesso.ui.samples

import androidx.compose.foundation.background
import androidx.compose.foundation.layout.Box
import androidx.compose.runtime.Composable
import androidx.compose.runtime.SideEffect
import androidx.compose.ui.Modifier
import androidx.compose.ui.graphics.Color
import org.permesso.Friend
import org.permesso.FriendState
import org.permesso.Holder
import org.permesso.Message
import org.permesso.MessagePlace
import org.permesso.MessageState
import org.permesso.NameFlag
import org.permesso.NearbyHost
import org.permesso.ui.AddressBook
import org.permesso.ui.Background
import org.permesso.ui.Camera
import org.permesso.ui.CameraSight
import org.permesso.ui.Condition
import org.permesso.ui.Files
import org.permesso.ui.Luminance
import org.permesso.ui.OwnPackage
import org.permesso.ui.Pictures
import org.permesso.ui.Platform
import org.permesso.ui.Preferences
import org.permesso.ui.Saved
import org.permesso.ui.SavedContacts
import org.permesso.ui.SystemPage
import java.io.File

/**
 * A screen in a state that has a name, for tests, pictures and previews.
 *
 * @property alone Whether it fills the window also where there is room for two panes.
 */
class Sample internal constructor(
    val screen: String,
    val state: String,
    val alone: Boolean = false,
    val content: @Composable (onBack: (() -> Unit)?) -> Unit,
)

/** Every sample of every screen. */
val allSamples: List<Sample>
    get() =
        StartSamples.all + PeopleSamples.all + FindSamples.all + PersonSamples.all + CodeSamples.all + ConversationSamples.all +
            SearchSamples.all + DoctorSamples.all + SettingsSamples.all + AccountSamples.all + OtherSamples.all

/** 2026-03-14, 15:09 UTC. */
internal const val SAMPLE_NOW: Long = 1_773_500_940_000L

private const val MINUTE = 60_000L

internal fun friend(
    name: String,
    state: FriendState = FriendState.FRIEND,
    number: Int = name.hashCode(),
    alias: String = name,
    localAlias: String? = null,
    verified: Boolean = false,
    hasCode: Boolean = false,
    blocked: Boolean = false,
    greeting: String? = null,
    flags: List<NameFlag> = emptyList(),
    unread: Int = 0,
    online: Boolean = false,
): Friend =
    Friend(
        sampleId(number),
        localAlias ?: name,
        alias,
        localAlias,
        state,
        verified,
        hasCode,
        blocked,
        greeting,
        flags,
        unread.toUInt(),
        online,
    )

internal fun host(
    name: String,
    number: Int = name.hashCode(),
): NearbyHost =
    NearbyHost(
        sampleId(number),
        name,
        true,
        "192.168.1.${number.mod(200) + 2}:20071",
        null,
        SAMPLE_NOW.toULong(),
        null,
        FriendState.UNKNOWN,
    )

internal fun sampleId(number: Int): String = "%08x-3c52-8afd-938a-375d0df1fbf6".format(number)

internal fun message(
    text: String,
    number: Int,
    mine: Boolean = true,
    state: MessageState = MessageState.DELIVERED,
    minutesAgo: Long = 100L - number,
    holders: List<Holder> = emptyList(),
    failReason: org.permesso.FailReason? = null,
    full: List<org.permesso.FullServer> = emptyList(),
    unread: Boolean = false,
    gap: Boolean = false,
    host: String = sampleId(1),
): Message {
    val time = (SAMPLE_NOW - minutesAgo * MINUTE).toULong()
    val place = MessagePlace(number.toULong(), number.toULong())
    return Message("%032x".format(number), host, mine, text, time, time, state, failReason, holders, full, unread, place, emptyList(), gap)
}

/** What a screen keeps that was scrolled. */
internal fun savedAt(scroll: String?): Saved = Saved(mapOf("scroll" to scroll.orEmpty()))

/** A platform that can everything, but for a camera where it has none, and does nothing; [sight] is how its camera goes. */
internal class SamplePlatform(
    override val is24Hour: Boolean = true,
    sight: CameraSight? = CameraSight.SHOWS,
) : Platform {
    override val version = "0.1.0"

    override fun now(): Long = SAMPLE_NOW

    override suspend fun licences() = ""

    override val preferences =
        object : Preferences {
            override fun get(name: String): String? = null

            override fun set(
                name: String,
                value: String?,
            ) = Unit

            override suspend fun keep(
                name: String,
                value: String,
            ) = Unit
        }

    override fun copyText(text: String) = Unit

    override val pasteText: suspend () -> String? = { null }
    override val openLink: (String) -> Unit = { }
    override val files =
        object : Files {
            override suspend fun save(
                name: String,
                type: String,
                write: suspend (File) -> Unit,
            ) = false

            override suspend fun <T : Any> open(
                type: String,
                read: suspend (File) -> T,
            ): T? = null
        }
    override val addressBook =
        object : AddressBook {
            override suspend fun save(vcards: String) = SavedContacts()

            override suspend fun read() = ""
        }
    override val camera =
        object : Camera {
            @Composable
            override fun Finder(
                onText: (String) -> Unit,
                onSight: (CameraSight) -> Unit,
                modifier: Modifier,
            ) {
                Box(modifier.background(Color.DarkGray))
                SideEffect { sight?.let(onSight) }
            }
        }.takeIf { sight != null }
    override val pictures =
        object : Pictures {
            override suspend fun choose(): Luminance? = null

            override suspend fun paste(): Luminance? = null
        }
    override val ownPackage =
        object : OwnPackage {
            override val bytes = 9_400_000L

            override suspend fun share() = Unit
        }
    override val background =
        object : Background {
            override val startsWithDevice = true

            override fun preferencesChanged() = Unit
        }

    override suspend fun conditions(): Set<Condition> = emptySet()

    override fun hasPage(page: SystemPage) = true
}
