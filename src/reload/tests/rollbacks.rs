//! Going back: an earlier set decides until the files change, whatever happens in between; and every change is on record.

use super::world::{PLAYBOOK, Running, World, filter, has_git};
use crate::reload::{Outcome, RollbackFault};
use crate::store::{Cause, ChangeQuery, RulesetChange};

async fn back(running: &Running<'_>, wish: Option<&str>) -> Result<(), RollbackFault> {
    running.reloader.roll_back(wish.map(str::to_owned), "ana".to_owned()).await
}

async fn changes(world: &World) -> Vec<RulesetChange> {
    world.store().ruleset_changes(ChangeQuery { cursor: None, limit: 100 }).await.unwrap().items
}

/// A daemon that has followed a repository over two commits, the second with another filter; and the first of them.
async fn over_two_commits<'w>(world: &'w World, second: &str) -> (Running<'w>, String) {
    world.git("init -q");
    let first = world.commit();
    let running = world.start().await;
    world.write("rules/a.yaml", second);
    let second = world.commit();
    running.within_two_seconds("the commit", |running| running.commit().as_ref() == Some(&second)).await;
    // No look is under way any more.
    assert_eq!(running.reloader.reload().await, Outcome::Unchanged);
    (running, first)
}

#[tokio::test]
async fn the_set_before_decides_until_the_files_change() {
    let world = World::new().with("rules/a.yaml", &filter("one", "x")).with("playbooks/tell.rhai", PLAYBOOK);
    let running = world.start().await;
    assert!(matches!(back(&running, None).await, Err(RollbackFault::Nowhere)));
    world.write("rules/a.yaml", filter("two", "x"));
    running.filters_become(&["two"]).await;
    let bad = running.reloader.report().generation;

    back(&running, None).await.unwrap();
    assert_eq!(running.filters(), ["one"]);
    let report = running.reloader.report();
    let told = report.rolled_back.clone().unwrap();
    assert_eq!((told.from, told.by.as_str(), told.at <= report.loaded_at), (bad, "ana", true));
    assert!(matches!(back(&running, None).await, Err(RollbackFault::RolledBack)));

    // Looks, tests beside it and faults change nothing.
    assert_eq!(running.reloader.reload().await, Outcome::Unchanged);
    world.write("rules/a.test.yaml", "- {name: n, alert: {alert_type: x}, expect: dismissed}");
    assert_eq!(running.reloader.reload().await, Outcome::Unchanged);
    world.write("rules/b.yaml", "[");
    assert!(matches!(running.reloader.reload().await, Outcome::Rejected(_)));
    world.remove("rules/b.yaml");
    assert_eq!(running.reloader.reload().await, Outcome::Unchanged);
    assert_eq!(running.filters(), ["one"]);
    assert!(running.reloader.report().rolled_back.is_some());

    world.write("rules/a.yaml", filter("three", "x"));
    running.filters_become(&["three"]).await;
    assert_eq!(running.reloader.report().rolled_back, None);
    assert_eq!(world.store().rolled_back().await.unwrap(), None);
    let causes: Vec<_> = changes(&world).await.into_iter().map(|it| (it.cause, it.by)).collect();
    let ana = Some("ana".to_owned());
    let expected = [(Cause::Files, None), (Cause::Rollback, ana), (Cause::Files, None), (Cause::Start, None)];
    assert_eq!(causes, expected);
}

#[tokio::test]
async fn what_was_gone_back_to_decides_after_a_restart_too() {
    let world = World::new().with("rules/a.yaml", &filter("one", "x"));
    let running = world.start().await;
    let good = running.reloader.report();
    world.write("rules/a.yaml", filter("two", "x"));
    running.filters_become(&["two"]).await;
    back(&running, None).await.unwrap();
    let loaded_at = running.reloader.report().loaded_at;
    drop(running);

    let running = world.start().await;
    let report = running.reloader.report();
    assert_eq!((running.filters(), report.generation), (vec!["one".to_owned()], good.generation));
    assert_eq!((report.loaded_at, report.rolled_back.is_some()), (loaded_at, true), "it is the same change");
    assert_eq!(changes(&world).await.len(), 3);
    assert_eq!(running.reloader.reload().await, Outcome::Unchanged);
    assert_eq!(running.filters(), ["one"]);
    drop(running);

    // Files that changed meanwhile are what somebody wants now.
    world.write("rules/a.yaml", filter("three", "x"));
    let running = world.start().await;
    assert_eq!((running.filters(), running.reloader.report().rolled_back), (vec!["three".to_owned()], None));
    assert_eq!(world.store().rolled_back().await.unwrap(), None);
    let last = &changes(&world).await[0];
    assert_eq!((last.cause, last.counts.filters.renamed), (Cause::Start, 1), "compared with what decided last");
}

#[tokio::test]
async fn going_to_what_the_files_hold_ends_it() {
    let world = World::new().with("rules/a.yaml", &filter("one", "x"));
    let running = world.start().await;
    world.write("rules/a.yaml", filter("two", "x"));
    running.filters_become(&["two"]).await;
    let files = running.reloader.report().generation.to_string();
    back(&running, None).await.unwrap();
    back(&running, Some(&files[..12])).await.unwrap();
    assert_eq!((running.filters(), running.reloader.report().rolled_back), (vec!["two".to_owned()], None));
    // And files that come to hold what was gone back to.
    back(&running, None).await.unwrap();
    world.write("rules/a.yaml", filter("one", "x"));
    running.within_two_seconds("released", |running| running.reloader.report().rolled_back.is_none()).await;
    assert_eq!(running.filters(), ["one"]);
    assert_eq!(world.store().rolled_back().await.unwrap(), None);
}

#[tokio::test]
async fn a_set_that_today_s_policy_refuses_is_not_gone_back_to() {
    let world = World::new().with("rules/a.yaml", &filter("one", "x"));
    let running = world.start().await;
    world.write("rules/a.yaml", format!("ticket: T-1\n{}", filter("two", "x")));
    running.filters_become(&["two"]).await;
    drop(running);
    let world = world.asking();
    let running = world.start().await;
    let refused = back(&running, None).await.unwrap_err();
    let RollbackFault::Refused(found) = refused else { panic!("{refused}") };
    assert!(world.headlines(&found)[0].starts_with("rules/a.yaml:1:1: error[F014]"), "{found:?}");
    assert_eq!((running.filters(), running.reloader.report().rolled_back), (vec!["two".to_owned()], None));
}

#[tokio::test]
async fn a_change_is_on_record_with_its_commit_and_what_is_different() {
    if !has_git() {
        return;
    }
    let world = World::new().with("rules/a.yaml", &filter("one", "x"));
    let (running, first) = over_two_commits(&world, &filter("one", "[x, y]")).await;
    let recorded = changes(&world).await;
    let last = recorded.first().unwrap();
    assert_eq!(last.counts.filters.changed, 1);
    assert!(
        last.diff.starts_with(
            "filter one changed (rules/a.yaml): matches more: all it matched before, and others\n  match:"
        ),
        "{}",
        last.diff
    );
    back(&running, None).await.unwrap();
    assert_eq!(running.commit(), Some(first), "verdicts name the commit that the earlier set stood on");
    let last = &changes(&world).await[0];
    assert_eq!(last.revision.as_ref().unwrap().author.as_deref(), Some("Ada Lovelace <ada@example.com>"));
    assert!(last.diff.contains("matches less"), "{}", last.diff);
}

#[tokio::test]
async fn a_restart_beside_a_bad_commit_goes_on_with_what_decided() {
    let world = World::new().with("rules/a.yaml", &filter("one", "x"));
    let running = world.start().await;
    let before = running.reloader.report();
    drop(running);
    world.write("rules/a.yaml", "id: [");
    let running = world.start().await;
    let report = running.reloader.report();
    assert_eq!((running.filters(), report.loaded_at), (vec!["one".to_owned()], before.loaded_at));
    assert_eq!(report.last_reload.outcome, "rejected");
    assert!(running.findings()[0].starts_with("rules/a.yaml:1:"), "{:?}", running.findings());
    assert!(matches!(running.reloader.reload().await, Outcome::Rejected(_)));
    world.write("rules/a.yaml", filter("two", "x"));
    running.filters_become(&["two"]).await;
    assert_eq!(changes(&world).await.iter().map(|it| it.cause).collect::<Vec<_>>(), [Cause::Files, Cause::Start]);
}

#[tokio::test]
async fn what_was_gone_back_to_outlives_a_restart_beside_faults_and_a_stricter_policy() {
    let world = World::new().with("rules/a.yaml", &filter("one", "x"));
    let running = world.start().await;
    world.write("rules/a.yaml", format!("ticket: T-1\n{}", filter("two", "x")));
    running.filters_become(&["two"]).await;
    back(&running, None).await.unwrap();
    drop(running);
    let world = world.asking();
    let running = world.start().await;
    assert_eq!(running.filters(), ["one"], "the files would pass; somebody went back from them");
    assert!(running.reloader.report().rolled_back.is_some());
    drop(running);
    world.write("rules/b.yaml", "[");
    let running = world.start().await;
    assert_eq!(running.filters(), ["one"]);
    assert!(running.reloader.report().rolled_back.is_some());
    world.remove("rules/b.yaml");
    assert_eq!(running.reloader.reload().await, Outcome::Unchanged);
    assert_eq!(running.filters(), ["one"], "the files hold again what somebody went back from");
}

#[tokio::test]
async fn a_store_that_is_closed_keeps_the_set_as_it_is() {
    let world = World::new().with("rules/a.yaml", &filter("one", "x"));
    let running = world.start().await;
    world.write("rules/a.yaml", filter("two", "x"));
    running.filters_become(&["two"]).await;
    running.reloader.reload().await;
    world.store().close().await;
    assert!(matches!(back(&running, None).await, Err(RollbackFault::Store(_))));
    assert_eq!((running.filters(), running.reloader.report().rolled_back), (vec!["two".to_owned()], None));
}

#[tokio::test]
async fn a_step_back_waits_for_no_checkout() {
    if !has_git() {
        return;
    }
    let world = World::new().with("rules/a.yaml", &filter("one", "x"));
    let (running, _) = over_two_commits(&world, &filter("two", "x")).await;
    // A git that is at work, or was killed at it: looks wait.
    world.write(".git/index.lock", "");
    world.write("rules/a.yaml", filter("three", "x"));
    let (reloader, looking) = (running.reloader.clone(), std::time::Duration::from_millis(300));
    let look = tokio::spawn(async move { reloader.reload().await });
    tokio::time::sleep(looking).await;
    assert!(!look.is_finished(), "the look waits");
    back(&running, None).await.unwrap();
    assert_eq!(running.filters(), ["one"]);
    world.remove(".git/index.lock");
    look.await.unwrap();
    assert_eq!(running.filters(), ["three"], "the files hold something else now");
}
