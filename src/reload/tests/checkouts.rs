//! Checkouts: however long git takes, no set of half of each commit decides; and nobody waits for a git that died.

use super::world::{World, filter, has_git};
use crate::clock::Stopwatch;
use crate::diag::Diagnostics;
use crate::reload::Outcome;
use crate::reload::checkout::Patience;
use crate::reload::read::read_watched;
use crate::shutdown::Shutdown;
use std::collections::BTreeSet;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn locked() -> World {
    World::new()
        .with(".git/HEAD", "ref: refs/heads/main\n")
        .with(".git/index.lock", "")
        .with("rules/a.yaml", &filter("aa", "x"))
}

/// Reads the set with a patience; the names of its files, and how long it took.
fn read(world: &World, patience: &mut Patience) -> (Vec<String>, Duration) {
    let (taken, mut found) = (Stopwatch::start(), Diagnostics::new());
    let sources = read_watched(world.settings(), patience, &mut found, &mut |_| {});
    assert_eq!(found, Diagnostics::new());
    (sources.files.into_iter().map(|file| file.name).collect(), taken.elapsed())
}

#[test]
fn a_checkout_under_way_is_waited_for() {
    let world = locked();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(SECOND / 5);
            world.write("rules/b.yaml", "");
            world.remove(".git/index.lock");
        });
        assert_eq!(world.read().0.files.len(), 2);
    });
}

#[test]
fn a_checkout_is_alive_as_long_as_any_file_changes() {
    let world = locked();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..8 {
                std::thread::sleep(SECOND / 2);
                world.write(&format!("rules/{round}.yaml"), "");
            }
            world.remove(".git/index.lock");
        });
        let (names, taken) = read(&world, &mut Patience::new(2 * SECOND, Shutdown::new()));
        assert_eq!(names.len(), 9, "{names:?} after {taken:?}");
    });
}

#[test]
fn a_lock_left_behind_is_waited_for_once() {
    let world = locked();
    let mut patience = Patience::new(SECOND, Shutdown::new());
    let (names, taken) = read(&world, &mut patience);
    assert_eq!(names, ["rules/a.yaml"]);
    assert!(taken >= SECOND, "{taken:?}");
    world.write("rules/b.yaml", "");
    let (names, taken) = read(&world, &mut patience);
    assert_eq!(names, ["rules/a.yaml", "rules/b.yaml"]);
    assert!(taken < SECOND, "the lock is known: {taken:?}");
    world.remove(".git/index.lock");
    world.write(".git/index.lock", "");
    assert!(read(&world, &mut patience).1 >= SECOND, "another lock counts");
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_checkout() {
    let world = World::new().with(".git/HEAD", "ref: refs/heads/main\n").with("rules/a.yaml", &filter("aa", "x"));
    let running = world.start().await;
    world.write(".git/index.lock", "");
    let reloader = running.reloader.clone();
    let asked = tokio::spawn(async move { reloader.reload().await });
    tokio::time::sleep(SECOND / 2).await;
    assert!(!asked.is_finished(), "a reload waits for the checkout");
    running.shutdown.stop();
    assert!(running.shutdown.finished(SECOND).await);
    let outcome = asked.await.unwrap();
    assert!(matches!(&outcome, Outcome::Rejected(found) if found[0].code.id == "L012"), "{outcome:?}");
    assert_eq!(running.filters(), ["aa"]);
    assert_eq!(running.reloader.report().last_reload.outcome, "reloaded", "a stop is no news of the files");
}

#[tokio::test]
async fn a_slow_checkout_is_live_as_a_whole_or_not_at_all() {
    if !has_git() {
        return;
    }
    let world = World::new();
    world.git("init -q");
    for branch in ["one", "two"] {
        world.git(&format!("checkout -q -b {branch}"));
        for part in ["aa", "bb", "cc", "dd", "ee", "ff", "gg"] {
            world.write(&format!("rules/{part}.yaml"), filter(&format!("{part}-{branch}"), "x"));
        }
        world.commit();
    }
    let running = world.start().await;
    let old = running.live.snapshot().generation();

    let config = std::fs::read_to_string(world.path(".git/config")).unwrap();
    world.write(".git/config", format!("{config}[filter \"slow\"]\n\tsmudge = \"sleep 1; cat\"\n"));
    world.write(".git/info/attributes", "*.yaml filter=slow\n");
    let taken = Stopwatch::start();
    let mut checkout = world.git_command(".", "checkout -q one").spawn().unwrap();
    let mut seen = BTreeSet::from([old]);
    while checkout.try_wait().unwrap().is_none() {
        seen.insert(running.live.snapshot().generation());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(taken.elapsed() > 6 * SECOND, "the checkout was slow: {:?}", taken.elapsed());
    assert_eq!(seen, BTreeSet::from([old]), "nothing goes live while git is at work");
    running.filters_become(&["aa-one", "bb-one", "cc-one", "dd-one", "ee-one", "ff-one", "gg-one"]).await;
}
