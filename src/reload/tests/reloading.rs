//! Reloading: a good change is live within two seconds, a bad one changes nothing and says why.

use super::world::{PLAYBOOK, World, filter};
use crate::clock::{Clock, SharedClock, SystemClock, Timestamp};
use crate::reload::{Outcome, Reloader};
use crate::ruleset::{Live, Ruleset};
use crate::shutdown::Shutdown;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const BROKEN: &str = "id: broken\nmatch: {nonsense: x}\n";

#[tokio::test]
async fn does_not_start_on_a_broken_set() {
    let world = World::new().with("rules/a.yaml", BROKEN).with("rules/b.yaml", "a: 1\na: 2\n");
    let (live, shutdown) = (Arc::new(Live::new(Ruleset::empty())), Shutdown::new());
    let started =
        Reloader::start(world.settings().clone(), live, world.store(), SystemClock::shared(), &shutdown).await;
    let found = world.headlines(&started.err().expect("a broken set is refused"));
    assert!(found.iter().any(|line| line.starts_with("rules/a.yaml:2:9: error[")), "{found:?}");
    assert!(found.iter().any(|line| line.starts_with("rules/b.yaml:2:1: error[Y002]")), "{found:?}");
}

#[tokio::test]
async fn an_edit_is_live_within_two_seconds() {
    let world = World::new().with("rules/a.yaml", &filter("one", "x"));
    let running = world.start().await;
    assert_eq!(running.filters(), ["one"]);
    world.write("rules/a.yaml", filter("two", "x"));
    running.filters_become(&["two"]).await;
    world.write("rules/new/deep/b.yaml", filter("three", "x"));
    running.filters_become(&["two", "three"]).await;
    world.write("rules/new/deep/b.yaml", filter("four", "x"));
    running.filters_become(&["two", "four"]).await;
    world.remove("rules/a.yaml");
    running.filters_become(&["four"]).await;
    world.write("playbooks/tell.rhai", PLAYBOOK);
    running.within_two_seconds("one playbook", |running| running.live.snapshot().playbooks().len() == 1).await;
}

#[tokio::test]
async fn a_set_that_breaks_the_policy_is_refused_and_a_warning_stays_one() {
    let ticket = |text: String| format!("ticket: T-1\n{text}");
    let kept = ticket(filter("one", "x").replace("alert_type: x", "alert_type: x, vendor: '*'"));
    let world = World::new().asking().with("rules/a.yaml", &kept);
    let running = world.start().await;
    assert_eq!(running.filters(), ["one"]);
    let warned =
        |running: &super::world::Running<'_>| running.findings().iter().any(|line| line.contains("warning[F015]"));
    assert!(warned(&running), "{:?}", running.findings());
    world.write("rules/b.yaml", filter("two", "y"));
    running.rejects().await;
    let found = running.findings();
    assert!(found.iter().any(|line| line.starts_with("rules/b.yaml:1:1: error[F014]")), "{found:?}");
    assert_eq!(running.filters(), ["one"]);
    world.remove("rules/b.yaml");
    running.within_two_seconds("the good set again", |running| running.findings().len() == 1).await;
    assert!(warned(&running), "a look at the same files forgets nothing");
    world.write("rules/b.yaml", ticket(filter("two", "y")));
    running.filters_become(&["one", "two"]).await;
}

#[tokio::test]
async fn keeps_the_old_rules_when_the_new_are_broken() {
    let world = World::new().with("rules/a.yaml", &filter("one", "x"));
    let running = world.start().await;
    let before = running.reloader.report();
    world.write("rules/a.yaml", BROKEN);
    world.write("rules/b.yaml", filter("good", "x"));
    world.write("rules/c.yaml", "[");
    running.rejects().await;
    running.settles().await;
    assert_eq!(running.filters(), ["one"], "nothing of a broken set is taken, not even what is good in it");
    let found = running.findings();
    assert!(found.iter().any(|line| line.starts_with("rules/a.yaml:2:9: error[")), "{found:?}");
    assert!(found.iter().any(|line| line.starts_with("rules/c.yaml:")), "{found:?}");
    let after = running.reloader.report();
    assert_eq!((after.generation, after.loaded_at), (before.generation, before.loaded_at));

    world.write("rules/a.yaml", filter("two", "x"));
    world.remove("rules/c.yaml");
    running.filters_become(&["two", "good"]).await;
    assert_eq!(running.reloader.report().last_reload.outcome, "reloaded");
}

#[tokio::test]
async fn a_folder_that_vanishes_is_not_an_empty_set() {
    let world = World::new().with("rules/a.yaml", &filter("one", "x"));
    let running = world.start().await;
    world.rename("rules", "gone");
    running.rejects().await;
    assert_eq!(running.findings(), ["rules:1:1: error[L001]: the rules folder cannot be read: it does not exist"]);
    assert_eq!(running.filters(), ["one"]);
    world.rename("gone", "rules");
    running.within_two_seconds("unchanged", |r| r.reloader.report().last_reload.outcome == "unchanged").await;
}

#[tokio::test]
async fn a_file_written_in_pieces_ends_up_whole() {
    use std::io::Write;
    let world = World::new().with("rules/a.yaml", &filter("one", "x"));
    let running = world.start().await;
    let text = filter("two", "x");
    let (half, rest) = text.split_at(text.len() / 2);
    let mut file = std::fs::File::create(world.path("rules/a.yaml")).unwrap();
    file.write_all(half.as_bytes()).unwrap();
    running.rejects().await;
    assert_eq!(running.filters(), ["one"]);
    file.write_all(rest.as_bytes()).unwrap();
    running.filters_become(&["two"]).await;
}

#[tokio::test]
async fn says_what_changed_and_when_asked_again_that_nothing_did() {
    let world = World::new().with("rules/a.yaml", &filter("one", "x")).with("rules/b.yaml", &filter("two", "x"));
    let running = world.start().await;
    assert_eq!(running.reloader.report().last_reload.outcome, "reloaded");
    assert_eq!(running.reloader.reload().await, Outcome::Unchanged);
    world.write("rules/a.yaml", filter("one", "y"));
    world.write("rules/b.yaml", filter("three", "x"));
    let outcome = running.reloader.reload().await;
    let Outcome::Reloaded(diff) = &outcome else { panic!("{outcome:?}") };
    assert_eq!(
        serde_json::to_string(&diff.filters).unwrap(),
        r#"{"added":["three"],"removed":["two"],"changed":["one"]}"#
    );
    world.write("rules/b.yaml", BROKEN);
    for _ in 0..2 {
        let outcome = running.reloader.reload().await;
        assert!(matches!(&outcome, Outcome::Rejected(found) if !found.is_empty()), "{outcome:?}");
    }
    world.write("rules/b.yaml", filter("three", "x"));
    assert_eq!(running.reloader.reload().await, Outcome::Unchanged, "a fault taken back");
    assert!(!running.findings().iter().any(|line| line.contains(": error[")), "{:?}", running.findings());
}

#[tokio::test]
async fn whoever_asks_for_a_reload_gets_what_was_written_before_asking() {
    let world = World::new();
    let running = world.start().await;
    for round in 0..5 {
        let asked = (0..20).map(|one| {
            world.write(&format!("rules/f{round}-{one}.yaml"), filter(&format!("f{round}-{one}"), "x"));
            let (reloader, live) = (running.reloader.clone(), running.live.clone());
            async move {
                reloader.reload().await;
                let id = format!("f{round}-{one}");
                assert!(live.snapshot().filters().iter().any(|filter| filter.id.as_str() == id), "{id}");
            }
        });
        futures_util::future::join_all(asked.map(tokio::spawn)).await.into_iter().for_each(|done| done.unwrap());
    }
}

#[tokio::test]
async fn a_test_that_cannot_be_read_is_refused_until_it_is_mended() {
    let world = World::new().with("rules/a.yaml", &filter("aa", "x")).with("rules/a.test.yaml", "[]");
    let running = world.start().await;
    let before = running.reloader.report();
    world.write("rules/a.test.yaml", "- name: [");
    assert!(matches!(running.reloader.reload().await, Outcome::Rejected(_)));
    assert!(running.findings()[0].starts_with("rules/a.test.yaml:1:"), "{:?}", running.findings());
    world.write("rules/a.test.yaml", "- {name: n, alert: {alert_type: x}, expect: dismissed}");
    assert_eq!(running.reloader.reload().await, Outcome::Unchanged, "tests have no say");
    let after = running.reloader.report();
    assert_eq!((after.generation, after.loaded_at), (before.generation, before.loaded_at));
    assert_eq!(running.findings(), Vec::<String>::new());
}

#[tokio::test]
async fn a_connection_that_is_not_configured_is_shown_and_keeps_nothing_from_loading() {
    let playbook = PLAYBOOK.replace("//! owner", "//! connections: [chat, tickets]\n//! owner");
    let world = World::new().with("playbooks/tell.rhai", &playbook).connecting(&["chat", "ticket"]);
    let running = world.start().await;
    let expected = "playbooks/tell.rhai:2:25: warning[R006]: the connection `tickets` is not configured, and calls \
                    over it fail";
    assert!(running.findings().contains(&expected.to_owned()), "{:?}", running.findings());
    assert_eq!(running.reloader.reload().await, Outcome::Unchanged);
    assert!(running.findings().contains(&expected.to_owned()), "{:?}", running.findings());
    world.write("playbooks/tell.rhai", playbook.replace(", tickets", ""));
    assert!(matches!(running.reloader.reload().await, Outcome::Reloaded(_)));
    assert!(!running.findings().iter().any(|line| line.contains("R006")), "{:?}", running.findings());
}

#[tokio::test]
async fn shows_what_is_in_force_and_how_the_last_look_ended() {
    let world = World::new()
        .with("rules/a.yaml", &filter("one", "x"))
        .with("rules/gone.test.yaml", "[]")
        .with("playbooks/tell.rhai", PLAYBOOK);
    let running = world.start().await;
    let report = serde_json::to_value(running.reloader.report()).unwrap();
    let keys: Vec<_> = report.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = "author commit commit_time dirty filters generation last_reload loaded_at playbooks rolled_back";
    let mut sorted = keys.clone();
    sorted.sort_unstable();
    assert_eq!(sorted.join(" "), expected);
    assert_eq!((&report["filters"], &report["playbooks"], &report["commit"]), (&1.into(), &1.into(), &().into()));
    let last = &report["last_reload"];
    assert_eq!(last["outcome"], "reloaded");
    let codes: Vec<_> = last["diagnostics"].as_array().unwrap().iter().map(|d| d["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"R003"), "{codes:?}");
}

#[tokio::test]
async fn a_defect_while_loading_changes_nothing_and_harms_nobody() {
    /// A clock that panics once when told to.
    #[derive(Debug, Default)]
    struct Faulty(AtomicBool);
    impl Clock for Faulty {
        fn now(&self) -> Timestamp {
            assert!(!self.0.swap(false, Ordering::SeqCst), "this panic is part of the test");
            SystemClock.now()
        }
    }
    let world = World::new().with("rules/a.yaml", &filter("one", "x"));
    let clock = Arc::new(Faulty::default());
    let running = world.start_at(clock.clone() as SharedClock).await;
    clock.0.store(true, Ordering::SeqCst);
    let outcome = running.reloader.reload().await;
    assert!(matches!(&outcome, Outcome::Rejected(found) if found[0].code.id == "L011"), "{outcome:?}");
    assert_eq!(running.filters(), ["one"]);
    world.write("rules/a.yaml", filter("two", "x"));
    running.filters_become(&["two"]).await;
}

#[tokio::test]
async fn a_change_that_nobody_announces_is_found_by_looking() {
    let world = World::new().with("elsewhere.yaml", &filter("one", "x")).rescanning(Duration::from_millis(200));
    // Written through another name, a file changes without its own folder hearing of it.
    std::fs::hard_link(world.path("elsewhere.yaml"), world.path("rules/a.yaml")).unwrap();
    let running = world.start().await;
    world.write("elsewhere.yaml", filter("two", "x"));
    running.filters_become(&["two"]).await;
}

#[tokio::test]
async fn reading_the_files_wakes_nobody() {
    let world = World::new().with("rules/a.yaml", &filter("one", "x"));
    let running = world.start().await;
    running.settles().await;
    let last = running.reloader.report().last_reload;
    for _ in 0..3 {
        std::fs::read(world.path("rules/a.yaml")).unwrap();
        world.write("unrelated.db", "busy");
        world.write("rules/.a.yaml.swp", "busy");
        running.settles().await;
    }
    assert_eq!(running.reloader.report().last_reload, last, "nobody looked");
}

#[tokio::test]
async fn a_stop_ends_it() {
    let world = World::new();
    let running = world.start().await;
    running.shutdown.stop();
    assert!(running.shutdown.finished(Duration::from_secs(2)).await);
    let outcome = running.reloader.reload().await;
    assert!(matches!(&outcome, Outcome::Rejected(found) if found[0].code.id == "L012"), "{outcome:?}");
}
