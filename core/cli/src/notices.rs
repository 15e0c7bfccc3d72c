//! What a user should know, said on standard error while a command does one thing. The chat has a list of it, and the bot
//! events.

use std::collections::BTreeMap;
use std::io::{self, Write};

use permesso_node::api::Notice;
use permesso_node::{Event, EventStream, HostId, Node, NodeEvent};
use tokio::task::JoinHandle;

use crate::printing::one_line;
use crate::words::{Language, notices as words};

/// Says what happens to a host until it has stopped.
pub(crate) struct Notices(JoinHandle<()>);

impl Notices {
    /// Begins to say what of `events` is a notice that `is_news` lets pass.
    pub(crate) fn begin(
        node: Node,
        events: EventStream,
        language: Language,
        is_news: impl Fn(&Notice) -> bool + Send + 'static,
    ) -> Self {
        Self(tokio::spawn(tell(node, events, language, is_news)))
    }

    /// All is said; the host must have been stopped.
    pub(crate) async fn finish(self) {
        if let Err(error) = self.0.await {
            tracing::error!(%error, "telling notices ended early");
        }
    }
}

async fn tell(node: Node, mut events: EventStream, language: Language, is_news: impl Fn(&Notice) -> bool) {
    let mut names = names(&node).await.unwrap_or_default();
    let mut last = None;
    while let Some(event) = events.next().await {
        let text = match event {
            NodeEvent::Engine(Event::Notice(notice)) if is_news(&notice) => {
                // Whom the notice is about may be new, and the host may have stopped meanwhile.
                names.append(&mut self::names(&node).await.unwrap_or_default());
                let name = |host: &HostId| names.get(host).map_or_else(|| host.short(), Clone::clone);
                Some(words::of_engine(language, &notice, name))
            }
            NodeEvent::Engine(_) => None,
            NodeEvent::Node(notice) => words::of_node(language, &notice),
        };
        // The same again and again, as when the network is away, is said once.
        if text.is_some() && text != last {
            // Without a reader there is nobody to tell.
            let _ = writeln!(io::stderr(), "{}", one_line(text.as_deref().unwrap_or_default()));
            last = text;
        }
    }
}

/// Everybody known by a name.
async fn names(node: &Node) -> Option<BTreeMap<HostId, String>> {
    let friends = node.friends().await.ok()?;
    Some(friends.into_iter().map(|friend| (friend.host, friend.name().into_owned())).collect())
}
