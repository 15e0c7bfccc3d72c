//! `permesso bot`: a host driven by lines of JSON. BOT.md describes them.

mod deeds;
#[cfg(test)]
mod fuzzing;
mod input;
mod output;
mod problem;
mod request;

use std::future::poll_fn;
use std::path::PathBuf;
use std::pin::pin;
use std::task::Poll;

use permesso_node::{EventStream, Node};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::task::{JoinHandle, JoinSet};

use crate::arguments::BotOptions;
use crate::failure::Failure;
use crate::host::{self, Opened};
use crate::names;
use crate::signals;
use crate::status::Status;
use crate::words::Language;

use input::{Input, Line};
use output::Output;
use problem::Problem;
pub(crate) use problem::code_of_contact;
use request::{Fields, Request, parse};

/// Commands that may be under way at once; further lines wait.
const UNDER_WAY: usize = 256;

/// Runs a host until its input ends, it is told to stop, or nobody reads its output.
pub(crate) async fn run(options: &BotOptions, language: Language) -> Result<Status, Failure> {
    let Opened { node, events, folder: home, .. } = host::open(&options.host, language).await?;
    let output = Output::begin()?;
    let mut session =
        Session { node: node.clone(), home, output: output.clone(), under_way: JoinSet::new(), telling: None };
    let served = tokio::select! {
        served = session.run(options, events) => served,
        () = signals::told_to_end() => Ok(()),
        () = output.closed() => Ok(()),
    };
    let result = host::end(&node, served).await;
    // What is still under way learns that the host has stopped, and so do those who wait for events.
    while session.under_way.join_next().await.is_some() {}
    if let Some(telling) = session.telling.take()
        && let Err(error) = telling.await
    {
        tracing::error!(%error, "telling events ended early");
    }
    drop(session);
    output.finish().await;
    result.map(|()| Status::Done)
}

async fn ready(node: &Node) -> Result<Value, Failure> {
    let settings = node.settings().await?;
    Ok(json!({
        "event": "ready",
        "host": node.host_id(),
        "alias": settings.alias,
        "port": settings.port,
        "uri": node.uri(None).await?,
        "version": env!("CARGO_PKG_VERSION"),
    }))
}

/// Writes every event until the host has stopped.
async fn tell(mut events: EventStream, output: Output) {
    while let Some(event) = events.next().await {
        output.write(&event).await;
    }
}

/// A reply to one line.
#[derive(Serialize)]
struct Reply {
    id: Value,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem>,
}

impl Reply {
    fn new(id: Value, result: Result<Value, Problem>) -> Self {
        match result {
            Ok(result) => Self { id, ok: true, result: Some(result), error: None },
            Err(problem) => Self { id, ok: false, result: None, error: Some(problem) },
        }
    }
}

struct Session {
    node: Node,
    home: PathBuf,
    output: Output,
    under_way: JoinSet<()>,
    telling: Option<JoinHandle<()>>,
}

impl Session {
    /// Joins the network and carries lines out.
    async fn run(&mut self, options: &BotOptions, events: EventStream) -> Result<(), Failure> {
        if !options.offline {
            self.node.start().await?;
        }
        self.output.write(&ready(&self.node).await?).await;
        self.telling = Some(tokio::spawn(tell(events, self.output.clone())));
        self.serve(Input::begin()?, options.stay).await;
        Ok(())
    }

    /// Carries lines out until `stop` or the end of the input; after the latter what is under way is finished, and with
    /// `stay` nothing ends.
    async fn serve(&mut self, mut input: Input, stay: bool) {
        while let Some(line) = input.next().await {
            if self.take(line).await {
                return;
            }
        }
        while self.under_way.join_next().await.is_some() {}
        if stay {
            std::future::pending::<()>().await;
        }
    }

    /// Takes one line in; true if it says to stop.
    async fn take(&mut self, line: Line) -> bool {
        while self.under_way.try_join_next().is_some() {}
        if self.under_way.len() >= UNDER_WAY {
            self.under_way.join_next().await;
        }
        let (id, request) = match parse(line) {
            Ok(None) => return false,
            Ok(Some((id, fields))) => (id, self.understand(fields).await),
            Err(problem) => (Value::Null, Err(problem)),
        };
        match request {
            Ok(Request::Stop {}) => {
                self.output.write(&Reply::new(id, Ok(json!({})))).await;
                return true;
            }
            Ok(request) => self.begin(id, request).await,
            Err(problem) => self.output.write(&Reply::new(id, Err(problem))).await,
        }
        false
    }

    /// Reads a command; a host may be given by name.
    async fn understand(&self, mut fields: Fields) -> Result<Request, Problem> {
        if let Some(Value::String(name)) = fields.get("host")
            && name.parse::<permesso_node::HostId>().is_err()
        {
            let host = names::resolve(name, &self.node.friends().await?)?;
            fields.insert("host".into(), json!(host));
        }
        Request::read(fields)
    }

    /// Begins to carry a command out, so far that it keeps its place before the next line's, and lets it go on by itself.
    async fn begin(&mut self, id: Value, request: Request) {
        let (node, home) = (self.node.clone(), self.home.clone());
        let mut work = Box::pin(async move { request.carry_out(&node, &home).await });
        if let Some(result) = poll_fn(|context| match work.as_mut().poll(context) {
            Poll::Ready(result) => Poll::Ready(Some(result)),
            Poll::Pending => Poll::Ready(None),
        })
        .await
        {
            return self.output.write(&Reply::new(id, result)).await;
        }
        let output = self.output.clone();
        self.under_way.spawn(async move {
            let result = pin!(work).await;
            output.write(&Reply::new(id, result)).await;
        });
    }
}
