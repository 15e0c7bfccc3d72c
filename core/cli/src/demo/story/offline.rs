//! The part of the story where somebody is away: without a server, then with one.

use permesso_node::{Config, FriendState, HistoryMessage, HolderView, MessageId, Node, Setting};

use super::{Actor, Detail, HOSTS, Story, Told, Trouble};
use crate::words::story as words;

impl Story<'_> {
    /// Linus has his own name again; Grace trusts him with what she sends and gets.
    pub(super) async fn befriend(&self) -> Told {
        self.linus.node.set(Setting::Alias(self.linus.name.into())).await?;
        self.linus.node.ask_friendship(self.grace.id(), &words::greeting(self.language)).await?;
        self.stands(&self.grace, &self.linus, FriendState::RequestReceived).await?;
        self.grace.node.answer_friendship(self.linus.id(), true, false).await?;
        self.stands(&self.linus, &self.grace, FriendState::Friend).await?;
        Ok(Vec::new())
    }

    /// Without a server: what Ada writes while Grace is away is handed to who is here when Ada goes.
    pub(super) async fn leave(&mut self) -> Told {
        self.grace.exit().await?;
        self.sees(&self.ada, &self.grace, false).await?;
        self.sees(&self.ada, &self.linus, true).await?;
        let text = words::handed_on(self.language);
        let message = self.ada.node.send(self.grace.id(), &text).await?;
        self.waiting = Some(message);
        let left = self.ada.node.leave().await?;
        let mut told = vec![self.said(message).await?];
        told.extend(self.holders(message).await?);
        self.ada.node.stop().await?;
        match left.handed_on {
            1 => Ok(told),
            count => Err(Trouble::Different(format!("{count} messages were handed on"))),
        }
    }

    /// Grace comes back and meets Linus alone.
    pub(super) async fn carried(&mut self) -> Told {
        self.grace.come_back().await?;
        self.received(&words::handed_on(self.language)).await
    }

    pub(super) async fn proved(&mut self) -> Told {
        self.ada.come_back().await?;
        let (message, text) = (self.waiting()?, words::handed_on(self.language));
        Ok(vec![self.arrived(&self.ada, &self.grace, message, &text).await?])
    }

    pub(super) async fn server(&mut self) -> Told {
        let index = HOSTS - 1;
        let library = Actor::enter(self.stage, index, "Library", &Config::server()).await?;
        let (name, host, address) = (library.name, library.id(), self.stage.address(index));
        self.library = Some(library);
        let server = async |node: &Node| {
            let seen = node.hosts().await?.iter().any(|view| view.host == host && view.online);
            Ok(if seen { Ok(()) } else { Err("no server".into()) })
        };
        self.look(&self.ada.node, server).await?;
        Ok(vec![Detail::Host { name, host, address }])
    }

    /// With a server: it keeps what Ada writes while Grace is away.
    pub(super) async fn held(&mut self) -> Told {
        self.grace.exit().await?;
        self.sees(&self.ada, &self.grace, false).await?;
        let text = words::kept_for(self.language);
        let message = self.ada.node.send(self.grace.id(), &text).await?;
        self.waiting = Some(message);
        let look = async |node: &Node| {
            let holders = node.holders(message).await?;
            let server = holders.iter().any(|holder| holder.server);
            Ok(if server { Ok(()) } else { Err(format!("{} hold the message", holders.len())) })
        };
        self.look(&self.ada.node, look).await?;
        let mut told = vec![self.said(message).await?];
        told.extend(self.holders(message).await?);
        Ok(told)
    }

    /// Ada and Linus are gone when Grace comes back.
    pub(super) async fn collected(&mut self) -> Told {
        self.ada.exit().await?;
        self.linus.exit().await?;
        self.grace.come_back().await?;
        self.received(&words::kept_for(self.language)).await
    }

    /// Waits until Grace has a message of Ada's, once and no more.
    async fn received(&self, text: &str) -> Told {
        let look = async |_: &Node| {
            let (count, _) = self.grace.history(&self.ada, text).await?;
            Ok(if count == 1 { Ok(()) } else { Err(format!("{count} such messages at Grace")) })
        };
        self.look(&self.grace.node, look).await?;
        Ok(Vec::new())
    }

    async fn said(&self, message: MessageId) -> Result<Detail, Trouble> {
        match self.ada.node.message(message).await? {
            Some(HistoryMessage { state, text, .. }) => Ok(Detail::Said { from: self.ada.name, text, state }),
            None => Err(Trouble::Different("no message".into())),
        }
    }

    async fn holders(&self, message: MessageId) -> Result<Vec<Detail>, Trouble> {
        let holder = |holder: HolderView| {
            let name = holder.alias.clone().unwrap_or_default();
            Detail::Holder { name, host: holder.host, server: holder.server }
        };
        Ok(self.ada.node.holders(message).await?.into_iter().map(holder).collect())
    }
}
