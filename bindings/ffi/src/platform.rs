//! What is done on some platforms alone: with the Java machine that loaded this library, and with Android's log.

/// A thread of the runtime begins. It is made known to the Java machine for as long as it lives, as one that keeps no program
/// from ending; else each call into the app would do so, and undo it, by itself, at four times the cost.
pub(crate) fn on_thread_start() {
    #[cfg(not(target_os = "ios"))]
    java::attach();
}

#[cfg(not(target_os = "ios"))]
mod java {
    use std::ffi::c_void;

    use jni::JavaVM;
    use jni::sys::{JNI_VERSION_1_6, jint};
    use once_cell::sync::OnceCell;

    static MACHINE: OnceCell<JavaVM> = OnceCell::new();

    /// A Java machine calls this when it loads the library by its own loader, and only then.
    #[allow(unsafe_code, reason = "the name is the whole agreement; no other library of this file has it")]
    #[unsafe(no_mangle)]
    pub extern "system" fn JNI_OnLoad(machine: JavaVM, _reserved: *mut c_void) -> jint {
        // Loaded once more, it is the same: a process has one.
        let _ = MACHINE.set(machine);
        JNI_VERSION_1_6
    }

    pub(super) fn attach() {
        if let Some(Err(error)) = MACHINE.get().map(JavaVM::attach_current_thread_as_daemon) {
            log::warn!("a thread is not known to the Java machine, calls into the app cost more: {error}");
        }
    }
}

/// Lets what is logged go to the system's log, where the app's author looks for it.
#[cfg(target_os = "android")]
pub(crate) fn log_to_the_system() {
    android_logger::init_once(
        android_logger::Config::default().with_tag("permesso").with_max_level(log::LevelFilter::Trace),
    );
}
