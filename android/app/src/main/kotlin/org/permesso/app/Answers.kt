package org.permesso.app

import android.content.ActivityNotFoundException
import android.net.Uri
import androidx.activity.ComponentActivity
import androidx.activity.result.ActivityResultLauncher
import androidx.activity.result.contract.ActivityResultContract
import androidx.activity.result.contract.ActivityResultContracts
import androidx.lifecycle.Lifecycle
import androidx.lifecycle.LifecycleEventObserver
import kotlinx.coroutines.CompletableDeferred
import org.permesso.ffi.PermessoException

/** What the user is asked outside of the app's screens; an answer finds its question also after a rotation. */
internal class Answers {
    private val permissions = Question<Array<String>, Map<String, Boolean>>()
    private val opened = Question<Array<String>, Uri?>()
    private val created = TYPES.associateWith { Question<String, Uri?>() }

    /** To be called in every `onCreate`, before the activity starts; [isFirst] if it goes on with none that was there before. */
    fun register(
        activity: ComponentActivity,
        isFirst: Boolean,
    ) {
        permissions.register(activity, ActivityResultContracts.RequestMultiplePermissions(), isFirst)
        opened.register(activity, ActivityResultContracts.OpenDocument(), isFirst)
        for ((type, question) in created) question.register(activity, ActivityResultContracts.CreateDocument(type), isFirst)
    }

    /** Asks whether these are allowed. */
    suspend fun permit(names: List<String>) {
        permissions.ask(names.toTypedArray())
    }

    /** A file of the user's choice, of that type by any name it goes by: Android greys out all others. */
    suspend fun open(type: String): Uri? = opened.ask(NAMES[type] ?: arrayOf(type))

    /** Where a file of that name shall be. */
    suspend fun create(
        name: String,
        type: String,
    ): Uri? = created.getValue(type.takeIf { it in TYPES } ?: ANY).ask(name)

    private class Question<I, O> {
        private var launcher: ActivityResultLauncher<I>? = null
        private var waiting: CompletableDeferred<O?>? = null

        fun register(
            activity: ComponentActivity,
            contract: ActivityResultContract<I, O>,
            isFirst: Boolean,
        ) {
            // What was asked in one that is gone without a word is answered by nobody, and would be waited for as long as the process lives.
            if (isFirst) giveUp()
            val own = activity.registerForActivityResult(contract) { answer -> waiting?.complete(answer) }
            launcher = own
            val end =
                LifecycleEventObserver { _, event ->
                    // It was swiped away, question and all. What only turns is begun anew, and gets the answer then.
                    if (event == Lifecycle.Event.ON_DESTROY && activity.isFinishing && launcher === own) {
                        launcher = null
                        giveUp()
                    }
                }
            activity.lifecycle.addObserver(end)
        }

        private fun giveUp() {
            waiting?.complete(null)
        }

        /** Null if there is no activity to ask in, or it is gone before there is an answer. */
        suspend fun ask(input: I): O? {
            val launcher = launcher ?: return null
            waiting?.cancel()
            val answer = CompletableDeferred<O?>()
            waiting = answer
            try {
                launcher.launch(input)
            } catch (failure: ActivityNotFoundException) {
                // A box or a PDA whose maker left the chooser of files out.
                throw PermessoException.System("$failure")
            }
            return answer.await()
        }
    }

    private companion object {
        const val ANY = "application/octet-stream"
        const val CARDS = "text/vcard"

        /** Those that the screens save. */
        val TYPES = listOf(ANY, CARDS, "text/plain")

        val NAMES =
            mapOf(
                // What came by mail, Bluetooth or a cloud bears whatever type its sender gave it.
                ANY to arrayOf("*/*"),
                // The standard's name, the one Android gives to a file that ends in .vcf, and that of older programs.
                CARDS to arrayOf(CARDS, "text/x-vcard", "text/directory"),
            )
    }
}
