//! What a server's operator can know: numbers of now, what happened lately, and what the doctor found. Nothing of what an
//! envelope says or whose it is.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use permesso_node::{CarryingView, DoctorReport, HostId, Node, NodeError, Wall};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::activity::{Activity, Sample};
use crate::printing::now;

/// How often numbers are noted: the shortest step of the plot.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(10);

/// The doctor looks first when the server has been heard and has heard others, then four times an hour: with a network of 254
/// addresses asked one by one that stays within `presence.sweep_per_hour`.
const EXAMINE_FIRST: Duration = Duration::from_secs(5);
const EXAMINE_EVERY: Duration = Duration::from_secs(15 * 60);

/// How a server is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Statistics {
    /// Its id.
    pub(super) host: HostId,
    /// Its name.
    pub(super) alias: String,
    /// The program's version.
    pub(super) version: String,
    /// Where it is present.
    pub(super) addresses: Vec<SocketAddr>,
    /// When it was started.
    pub(super) started: Wall,
    /// When these numbers were read.
    pub(super) now: Wall,
    #[serde(flatten)]
    pub(super) carrying: CarryingView,
}

/// What the doctor found, and when.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Examined {
    pub(super) at: Wall,
    pub(super) report: DoctorReport,
}

/// Looks after a server.
pub(super) struct Watch {
    node: Node,
    begun: Instant,
    started: Wall,
    activity: Mutex<Activity>,
    examined: Mutex<Option<Examined>>,
}

impl Watch {
    pub(super) async fn begin(node: Node) -> Result<Self, NodeError> {
        let watch = Self {
            node,
            begun: Instant::now(),
            started: now(),
            activity: Mutex::default(),
            examined: Mutex::default(),
        };
        watch.note().await?;
        Ok(watch)
    }

    pub(super) fn node(&self) -> &Node {
        &self.node
    }

    /// How the server is now.
    pub(super) async fn statistics(&self) -> Result<Statistics, NodeError> {
        Ok(Statistics {
            host: self.node.host_id(),
            alias: self.node.settings().await?.alias,
            version: env!("CARGO_PKG_VERSION").into(),
            addresses: self.node.addresses().await?,
            started: self.started,
            now: now(),
            carrying: self.node.carrying().await?,
        })
    }

    /// What was dropped or refused, by reason.
    pub(super) async fn dropped(&self) -> Result<BTreeMap<&'static str, u64>, NodeError> {
        self.node.counters().await
    }

    /// What happened lately, up to now.
    pub(super) async fn activity(&self) -> Result<Activity, NodeError> {
        self.note().await?;
        Ok(self.activity.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// What the doctor found last.
    pub(super) fn examined(&self) -> Option<Examined> {
        self.examined.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes the numbers again and again.
    pub(super) async fn look(&self) {
        let mut ticks = interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.note().await {
                tracing::warn!(%error, "the numbers cannot be read now");
            }
        }
    }

    /// Has the doctor look again and again.
    pub(super) async fn examine(&self) {
        tokio::time::sleep(EXAMINE_FIRST).await;
        loop {
            match self.node.doctor().await {
                Ok(report) => {
                    let examined = Some(Examined { at: now(), report });
                    *self.examined.lock().unwrap_or_else(PoisonError::into_inner) = examined;
                }
                Err(error) => tracing::warn!(%error, "the network cannot be looked at now"),
            }
            tokio::time::sleep(EXAMINE_EVERY).await;
        }
    }

    async fn note(&self) -> Result<(), NodeError> {
        let carrying = self.node.carrying().await?;
        let at = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let sample =
            Sample { at, deposits: carrying.deposits, deliveries: carrying.deliveries, hosts: carrying.hosts_online };
        self.activity.lock().unwrap_or_else(PoisonError::into_inner).note(sample);
        Ok(())
    }
}
