package org.permesso.ui

import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.foundation.layout.padding
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.unit.dp
import org.permesso.Examination
import org.permesso.Judgement

/** Why can't I see anybody? */
@Composable
internal fun DoctorScreen(
    state: DoctorState,
    saved: Saved,
    platform: Platform,
    onLook: () -> Unit,
    onDetails: (Boolean) -> Unit,
    onBack: (() -> Unit)?,
    show: (Screen) -> Unit,
) {
    val words = LocalStrings.current
    Page(words.doctorTitle, onBack) {
        Scrolling(saved) {
            if (state.looking) Busy(words.doctorLooking)
            state.trouble?.let { Banner(words.trouble(it), bad = true) }
            val examination = state.examination?.takeIf { !state.looking }
            if (examination != null) Verdict(examination, state.conditions)
            val (hints, faults) = state.conditions.sorted().partition { it == Condition.BATTERY_OPTIMISED }
            for (condition in faults) Remedy(words.remedy(condition), platform)
            if (examination != null) Findings(examination, state, platform, onDetails)
            for (condition in hints) Remedy(words.remedy(condition), platform)
            Buttons {
                MainButton(words.lookAgain, onLook, enabled = !state.looking)
                QuietButton(words.codeTitle, { show(Screen.MyCode) })
            }
            Explanation(words.doctorCodeHelps)
        }
    }
}

/** Why one can see nobody who has left the network. */
@Composable
internal fun LeftDoctorScreen(
    leaving: Leaving,
    onBack: (() -> Unit)?,
    onReturn: () -> Unit,
) {
    Page(LocalStrings.current.doctorTitle, onBack) { LeavingBanner(leaving, onReturn) }
}

/** Above what to do, in one sentence: whether others can be reached. */
@Composable
private fun Verdict(
    examination: Examination,
    conditions: Set<Condition>,
) {
    val words = LocalStrings.current
    val answered = examination.diagnoses.mapNotNull { it.answeredByAlias }.distinct()
    val isBroken = Condition.NO_PERMISSION in conditions || words.remedies(examination).isNotEmpty()
    when {
        examination.leadsToSomebody && answered.isNotEmpty() -> Banner(words.doctorSees(answered.joinToString(", ")), good = true)
        examination.leadsToSomebody -> Banner(words.doctorSomebody, good = true)
        isBroken -> Banner(words.doctorBroken, bad = true)
        else -> Banner(words.doctorNobody)
    }
}

@Composable
private fun ColumnScope.Findings(
    examination: Examination,
    state: DoctorState,
    platform: Platform,
    onDetails: (Boolean) -> Unit,
) {
    val words = LocalStrings.current
    for (remedy in words.remedies(examination)) Remedy(remedy, platform)
    SwitchRow(words.doctorDetails, words.doctorPort(examination.port.toInt()), state.details, onDetails)
    if (state.details) {
        for (diagnosis in examination.diagnoses) {
            Text(
                words.diagnosis(words.thing(diagnosis.thing), words.judgement(diagnosis.judgement)),
                style = MaterialTheme.typography.bodyMedium,
                color =
                    if (diagnosis.judgement ==
                        Judgement.DOES_NOT_WORK
                    ) {
                        MaterialTheme.colorScheme.error
                    } else {
                        MaterialTheme.colorScheme.onSurface
                    },
                modifier = Modifier.padding(start = 16.dp, end = 16.dp, top = 8.dp),
            )
            Explanation(listOfNotNull(diagnosis.network, words.ground(diagnosis, examination)).joinToString(": "))
        }
    }
}

@Composable
private fun Remedy(
    remedy: Remedy,
    platform: Platform,
) {
    val words = LocalStrings.current
    Heading(remedy.wrong)
    Paragraph(remedy.todo)
    val page = remedy.page
    if (page != null && platform.hasPage(page)) Buttons { QuietButton(words.openSettings, { platform.openPage(page) }) }
}
