package org.permesso

import android.app.Notification
import android.app.Person
import android.os.Build
import android.security.keystore.KeyGenParameterSpec

// Android's calls above API 26 stand in files of their own, so that a phone that lacks them never loads them; each says from
// which level on, and @Later tells animal-sniffer so.

/** What Android has since version 9. */
@Later(Build.VERSION_CODES.P)
internal object Api28 {
    fun inStrongBox(specification: KeyGenParameterSpec.Builder) {
        specification.setIsStrongBoxBacked(true)
    }

    fun messagingStyle(user: String): Notification.MessagingStyle = Notification.MessagingStyle(Person.Builder().setName(user).build())

    fun message(
        text: String,
        time: Long,
        sender: String,
    ): Notification.MessagingStyle.Message = Notification.MessagingStyle.Message(text, time, Person.Builder().setName(sender).build())
}
