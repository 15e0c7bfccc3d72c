//! What the doctor of a live host says.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use permesso_node::{Cause, DoctorReport, Finding, NodeError, Subject, Verdict};
use support::{World, eventually, sees};

fn of(report: &DoctorReport, subject: Subject) -> &Finding {
    report.findings.iter().find(|finding| finding.subject == subject).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_names_who_answered_and_says_that_there_is_no_network() {
    let world = World::new();
    let (grazia, marco) = (world.start("Grazia", 1).await, world.start("Marco", 2).await);
    eventually("Grazia sees Marco", || async { sees(&grazia, marco.host_id()).await.then_some(()) }).await;
    let report = grazia.doctor().await.unwrap();
    assert!(report.leads_to_somebody());
    let broadcast = of(&report, Subject::Broadcast);
    assert_eq!((broadcast.verdict, broadcast.cause), (Verdict::Works, Cause::Answered));
    let answer = broadcast.answer.as_ref().unwrap();
    assert_eq!((answer.host, answer.alias.as_deref()), (marco.host_id(), Some("Marco")));
    // Both live on the loopback of one machine.
    assert_eq!(of(&report, Subject::Address).cause, Cause::LoopbackOnly);
    assert_eq!(of(&report, Subject::Sweep).cause, Cause::NetworkTooLarge);
    assert_eq!(of(&report, Subject::Clock).cause, Cause::Fine);
    assert_eq!(report.port, world.port());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_of_a_host_that_cannot_start_says_why() {
    let world = World::new();
    let _taken = std::net::UdpSocket::bind(("127.0.0.1", world.port())).unwrap();
    let grazia = world.open("Grazia", 1).await;
    let report = grazia.doctor().await.unwrap();
    let address = of(&report, Subject::Address);
    assert_eq!((address.verdict, address.cause), (Verdict::DoesNotWork, Cause::PortTaken));
    assert!(!report.leads_to_somebody());
    assert!(report.findings.iter().all(|finding| finding.verdict != Verdict::Works));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_host_has_no_doctor() {
    let world = World::new();
    let grazia = world.start("Grazia", 1).await;
    grazia.pause().await.unwrap();
    assert!(matches!(grazia.doctor().await, Err(NodeError::Paused)));
}
