//! Contact traces, replayed by the command.

use crate::process::{json_lines, permesso, run_to, run_to_error};

const AN_HOUR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../sim/tests/fixtures/an-hour");

#[test]
fn a_scenario_is_replayed_and_reported_for_programs_and_for_people() {
    let scenario = format!("{AN_HOUR}/scenario.toml");
    let lines = json_lines(&run_to(0, &mut permesso(&["sim", "trace", "--scenario", &scenario, "--json"])));
    let [report] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!((&report["hosts"], &report["messages"]), (&8.into(), &60.into()));
    assert_eq!(report["violations"], serde_json::json!([]));
    let figures = ["delivered_ratio", "mean_latency_s", "median_latency_s", "transmissions_per_delivered"];
    let more = ["overhead_ratio", "mean_hops", "bytes", "wall_s", "befriending_s"];
    for figure in figures.into_iter().chain(more) {
        assert!(report[figure].is_number(), "{figure}: {report}");
    }
    let count = |name: &str| report[name].as_u64().unwrap();
    assert!(count("delivered") <= count("possible") && count("possible") <= 60, "{report}");
    let delivered = format!("{} of 60 delivered", report["delivered"]);
    let english = run_to(0, &mut permesso(&["sim", "trace", "--scenario", &scenario]));
    assert!(
        english.contains(&delivered)
            && english.contains("looked at was kept: I1 shown once, I2 authentic, I3 link delivers, I4")
            && english.contains(&format!("would deliver {} (", report["possible"])),
        "{english}"
    );
    let italian = run_to(0, permesso(&["sim", "trace", "--scenario", &scenario]).env("LC_ALL", "it_IT.UTF-8"));
    assert!(
        italian.contains("ogni promessa esaminata è stata mantenuta: I1") && italian.contains("FORWARD"),
        "{italian}"
    );
}

#[test]
fn a_trace_and_a_list_are_replayed_without_a_scenario_for_as_long_as_wanted() {
    let (contacts, messages) = (format!("{AN_HOUR}/contacts.txt"), format!("{AN_HOUR}/messages.txt"));
    let arguments = ["sim", "trace", "--contacts", &contacts, "--messages", &messages, "--json"];
    let whole = json_lines(&run_to(0, &mut permesso(&arguments)));
    let part = json_lines(&run_to(0, permesso(&arguments).args(["--end", "10m"])));
    let messages = |lines: &[serde_json::Value]| lines[0]["messages"].as_u64().unwrap();
    assert!(0 < messages(&part) && messages(&part) < messages(&whole), "{part:?}");
}

#[test]
fn people_who_walk_are_a_world_of_which_one_seed_tells_the_same_twice() {
    let arguments = ["sim", "trace", "--world", "clustered:12:400m:2", "--end", "20m", "--json", "--seed"];
    let run = |seed| json_lines(&run_to(0, permesso(&arguments).arg(seed))).remove(0);
    let (first, again, other) = (run("1"), run("1"), run("2"));
    for figure in ["contacts", "messages", "delivered", "mean_latency_s", "transmissions"] {
        assert_eq!(first[figure], again[figure], "{figure}");
    }
    assert!(first["contacts"] != other["contacts"] && first["delivered"].as_u64().unwrap() > 0, "{first}");
}

#[test]
fn what_a_trace_and_growing_worlds_brought_is_drawn_in_one_s_language() {
    let folder = tempfile::tempdir().unwrap();
    let plot = folder.path().join("p.svg");
    let drawn = |arguments: &[&str], language: &str| {
        run_to(0, permesso(arguments).arg("--plot").arg(&plot).env("LC_ALL", language));
        std::fs::read_to_string(&plot).unwrap()
    };
    let scenario = format!("{AN_HOUR}/scenario.toml");
    let trace = ["sim", "trace", "--scenario", &scenario];
    let growth = ["sim", "growth", "--hosts", "2,4", "--minutes", "1"];
    for (arguments, panels) in [(trace.as_slice(), 2), (growth.as_slice(), 3)] {
        let [english, italian] = ["C.UTF-8", "it_IT.UTF-8"].map(|language| drawn(arguments, language));
        for picture in [&english, &italian] {
            assert!(picture.starts_with("<svg") && picture.trim_end().ends_with("</svg>"), "{picture}");
            assert!(picture.matches("<polyline").count() >= panels, "{picture}");
        }
        assert_ne!(english, italian);
        assert!(english.contains("hour") || english.contains("hosts"), "{english}");
    }
    let nowhere = folder.path().join("missing/p.svg");
    let says = run_to_error(1, permesso(&trace).arg("--plot").arg(nowhere));
    assert!(says.contains("p.svg"), "{says}");
}

#[test]
fn a_wrong_line_is_named_in_one_s_language_and_nothing_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let (contacts, messages) = (folder.path().join("c.txt"), format!("{AN_HOUR}/messages.txt"));
    std::fs::write(&contacts, "1 CONN 1 2 up\n2 CONN 1 2 ab\n").unwrap();
    let mut command = permesso(&["sim", "trace", "--messages", &messages, "--contacts"]);
    let says = run_to_error(1, command.arg(&contacts));
    assert!(says.contains("c.txt, line 2: expected `<seconds> CONN"), "{says}");
    let says = run_to_error(1, command.env("LANG", "it").env("LC_ALL", "it"));
    assert!(says.contains("c.txt, riga 2: atteso `<secondi> CONN"), "{says}");
    let says = run_to_error(1, &mut permesso(&["sim", "trace", "--messages", &messages]));
    assert!(says.contains("no contact trace"), "{says}");
    run_to_error(2, &mut permesso(&["sim", "trace"]));
    run_to_error(2, &mut permesso(&["sim", "trace", "--world", "waypoint:5"]));
}
