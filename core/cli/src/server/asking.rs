//! `permesso server status`: asks the running server of a home.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::{Request, StatusCode};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Place;
use super::access::reach;
use super::watch::Statistics;
use crate::arguments::ServerStatusOptions;
use crate::failure::Failure;
use crate::home;
use crate::printing::{self, one_line};
use crate::status::Status;
use crate::words::{Language, server as words};

/// A server that runs answers at once; one whose disk hangs does not.
const ANSWER_TIME: Duration = Duration::from_secs(10);

/// More than any answer has.
const ANSWER_MAX: usize = 1 << 20;

/// Asks the server and prints how it is.
pub(super) async fn run(options: &ServerStatusOptions, language: Language) -> Result<Status, Failure> {
    let folder = home::server_folder(options.home.as_deref())?;
    let nobody = || Failure::NoServer(folder.clone());
    let place = fs::read_to_string(folder.join(home::STATUS_ADDRESS)).map_err(|_| nobody())?;
    let place: Place = serde_json::from_str(&place).map_err(|_| nobody())?;
    let stream = TcpStream::connect(reach(place.address)).await.map_err(|_| nobody())?;
    let answer = timeout(ANSWER_TIME, ask(stream, place.address, &folder)).await;
    let answer = answer.map_err(|_| Failure::ServerSilent(words::too_slow(language)))??;
    let statistics: Statistics = serde_json::from_slice(&answer).map_err(|_| nobody())?;
    if statistics.host.to_string() != place.host {
        return Err(nobody());
    }
    match options.json {
        true => printing::line(String::from_utf8_lossy(&answer).trim_end())?,
        false => print(language, &statistics)?,
    }
    Ok(Status::Done)
}

async fn ask(stream: TcpStream, address: SocketAddr, folder: &Path) -> Result<Bytes, Failure> {
    let silent = |error: &dyn std::fmt::Display| Failure::ServerSilent(error.to_string());
    let mut request = Request::get("/status.json").header(HOST, reach(address).to_string());
    if !address.ip().is_loopback() {
        let path = folder.join(home::STATUS_TOKEN);
        let token = fs::read_to_string(&path).map_err(Failure::unusable(&path))?;
        request = request.header(AUTHORIZATION, format!("Bearer {}", token.trim()));
    }
    let request = request.body(Empty::<Bytes>::new()).map_err(|error| silent(&error))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| silent(&error))?;
    tokio::spawn(async move {
        // How it ended shows in the answer.
        let _ = connection.await;
    });
    let response = sender.send_request(request).await.map_err(|error| silent(&error))?;
    let status = response.status();
    let body = Limited::new(response.into_body(), ANSWER_MAX).collect().await.map_err(|error| silent(&error))?;
    let body = body.to_bytes();
    match status {
        StatusCode::OK => Ok(body),
        _ => {
            Err(silent(&format!("{status}: {}", String::from_utf8_lossy(&body).chars().take(200).collect::<String>())))
        }
    }
}

fn print(language: Language, statistics: &Statistics) -> Result<(), Failure> {
    printing::line(&words::runs_since(language, &one_line(&statistics.alias), statistics.started))?;
    let rows = words::rows(language, &statistics.carrying);
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    rows.iter().try_for_each(|(name, text)| printing::line(&format!("  {name:<width$}  {text}")))?;
    Ok(())
}
