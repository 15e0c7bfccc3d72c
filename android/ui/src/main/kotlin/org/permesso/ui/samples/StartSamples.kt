package org.permesso.ui.samples

import org.permesso.RescueReport
import org.permesso.Visibility
import org.permesso.ffi.PermessoException
import org.permesso.ui.Phase
import org.permesso.ui.Saved
import org.permesso.ui.StartScreen
import org.permesso.ui.StartState

/** Before there is a host. */
object StartSamples {
    private fun sample(
        name: String,
        phase: Phase,
        state: StartState = StartState(),
    ) = Sample("start", name, alone = true) { StartScreen(phase, state, Saved(), canImport = true) {} }

    private val damaged = Phase.Stuck(PermessoException.Damaged("the database is damaged (its header was changed)"))

    /** All of them. */
    val all: List<Sample> =
        listOf(
            sample("first run", Phase.FirstRun),
            sample("no name", Phase.FirstRun, StartState(tried = true)),
            sample("name too long", Phase.FirstRun, StartState(alias = "Ada Augusta ".repeat(6))),
            sample("import", Phase.FirstRun, StartState(askingImport = true)),
            sample("importing", Phase.FirstRun, StartState(askingImport = true, importing = 42)),
            sample(
                "import failed",
                Phase.FirstRun,
                StartState(
                    askingImport = true,
                    passphrase = "x",
                    trouble = PermessoException.WrongPassphrase("the passphrase does not fit"),
                ),
            ),
            sample("locked", Phase.Locked, StartState(passphrase = "xxxxx", wrongPassphrase = true)),
            sample("unlocking", Phase.Locked, StartState(passphrase = "xxxxx", unlocking = true)),
            sample("key unavailable", Phase.Stuck(PermessoException.KeyUnavailable("the key of the database is missing"))),
            sample("database damaged", damaged),
            sample("rescuing", damaged, StartState(rescuing = 1_234)),
            sample(
                "rescued",
                damaged,
                StartState(place = "/home/ada/.local/share/permesso-desktop/host", rescued = RescueReport(12u, 3_456u, 7u, 1u)),
            ),
            sample("nothing rescued", damaged, StartState(trouble = PermessoException.Damaged("its header is gone"))),
            sample("no room to rescue", damaged, StartState(trouble = PermessoException.StorageUnavailable("the disk is full"))),
            sample("in use", Phase.Stuck(PermessoException.AlreadyThere("another program has the database open"))),
            sample("storage full", Phase.Stuck(PermessoException.StorageUnavailable("the disk is full"))),
            sample("visibility not stored", Phase.Stuck(PermessoException.StorageUnavailable("the disk is full"), Visibility.FRIENDS)),
            sample("newer version", Phase.Stuck(PermessoException.TooNew("schema 9, this one knows up to 7"))),
            sample("erase", Phase.Stuck(PermessoException.Damaged("the file is cut off")), StartState(askingErase = true)),
        )
}
