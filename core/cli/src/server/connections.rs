//! The connections of the status page: few at a time, none of them for long.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// Connections at a time: a browser opens up to six, and a monitor one.
const CONNECTIONS_MAX: usize = 32;

/// A request whose head has not come by then is given up.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// No connection lives longer: many times what a page takes, so that somebody who reads nothing does not hold one for ever.
const CONNECTION_TIME: Duration = Duration::from_secs(60);

/// The system gives no connection for the moment, as when all file descriptors are in use.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Serves whoever connects, for ever. What is under way when this is dropped ends by itself.
pub(super) async fn serve(listener: TcpListener, router: Router) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let router = router.clone();
                tokio::spawn(async move {
                    talk(stream, router).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::debug!(%error, "no connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn talk(stream: TcpStream, router: Router) {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME);
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    match timeout(CONNECTION_TIME, connection).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a connection of the status page broke"),
        Err(_) => tracing::debug!("a connection of the status page took too long"),
    }
}
