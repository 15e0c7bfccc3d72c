package org.permesso.testing

import org.permesso.Permesso

internal class FakeContractTest : Contract() {
    private val network = FakeNetwork()

    override suspend fun open(
        name: String,
        number: Int,
    ): Permesso = network.open(name)
}
