//! What runs beside the driver.

use std::pin::Pin;

use tokio::task::JoinHandle;

/// Lets work run as a task. All are of one kind, since tokio's code of a task is compiled for each kind of future: over 1 KiB of
/// the phones' library each.
pub(crate) fn spawn(work: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    let work: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(work);
    tokio::spawn(work)
}
