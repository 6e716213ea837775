//! The ways sets are replaced in the field: editors, mounted volumes, release links, git.

use super::world::{World, filter, has_git};
use std::os::unix::fs::symlink;

#[tokio::test]
async fn an_editor_that_renames_over_the_file_is_seen_every_time() {
    let world = World::new().with("rules/a.yaml", &filter("one", "x"));
    let running = world.start().await;
    for id in ["two", "three", "four"] {
        world.write("rules/.a.yaml.tmp", filter(id, "x"));
        world.rename("rules/.a.yaml.tmp", "rules/a.yaml");
        running.filters_become(&[id]).await;
    }
}

#[tokio::test]
async fn a_mounted_volume_swaps_as_one() {
    let world = World::new();
    let version = |number: u32| {
        for name in ["aa", "bb"] {
            world.write(&format!("rules/..v{number}/{name}.yaml"), filter(&format!("{name}-{number}"), "x"));
        }
        world.link(&format!("..v{number}"), "rules/..data");
        if number > 1 {
            std::fs::remove_dir_all(world.path(&format!("rules/..v{}", number - 1))).unwrap();
        }
    };
    version(1);
    for name in ["aa", "bb"] {
        symlink(format!("..data/{name}.yaml"), world.path(&format!("rules/{name}.yaml"))).unwrap();
    }
    let running = world.start().await;
    assert_eq!(running.filters(), ["aa-1", "bb-1"]);
    for number in 2..5 {
        version(number);
        running.filters_become(&[&format!("aa-{number}"), &format!("bb-{number}")]).await;
    }
}

#[tokio::test]
async fn a_release_link_on_the_way_is_followed_to_the_next_release() {
    let world = World::new().in_folder("current");
    for release in ["one", "two"] {
        world.write(&format!("releases/{release}/rules/a.yaml"), filter(release, "x"));
        world.write(&format!("releases/{release}/playbooks/README.md"), "");
    }
    world.link("releases/one", "current");
    let running = world.start().await;
    assert_eq!(running.filters(), ["one"]);
    world.link("releases/two", "current");
    running.filters_become(&["two"]).await;
    world.write("releases/two/rules/a.yaml", filter("three", "x"));
    running.filters_become(&["three"]).await;
    world.link("releases/one", "current");
    running.filters_become(&["one"]).await;
}

#[tokio::test]
async fn a_folder_replaced_by_another_of_its_name_stays_watched() {
    let world = World::new().with("rules/a.yaml", &filter("one", "x"));
    let running = world.start().await;
    for (round, id) in ["two", "three"].into_iter().enumerate() {
        world.write("next/a.yaml", filter(id, "x"));
        world.rename("rules", &format!("old{round}"));
        world.rename("next", "rules");
        running.filters_become(&[id]).await;
        let edited = format!("{id}-edited");
        world.write("rules/a.yaml", filter(&edited, "x"));
        running.filters_become(&[&edited]).await;
    }
}

#[tokio::test]
async fn a_checkout_is_live_with_its_commit() {
    if !has_git() {
        return;
    }
    let world = World::new();
    world.git("init -q");
    let mut branches = Vec::new();
    for branch in ["one", "two"] {
        world.git(&format!("checkout -q -b {branch}"));
        for part in ["aa", "bb", "cc"] {
            world.write(&format!("rules/{part}.yaml"), filter(&format!("{part}-{branch}"), "x"));
        }
        world.write(&format!("rules/only-{branch}.yaml"), filter(&format!("only-{branch}"), "x"));
        branches.push((branch, world.commit()));
    }
    let running = world.start().await;
    let mut seen = std::collections::BTreeSet::new();
    for (branch, commit) in branches.iter().cycle().take(6) {
        world.git(&format!("checkout -q {branch}"));
        let is_there = |running: &super::world::Running<'_>| {
            let set = running.live.snapshot();
            let revision = set.revision().expect("it is a checkout");
            (&revision.commit, revision.dirty) == (commit, false)
        };
        running.within_two_seconds(branch, is_there).await;
        let ids = running.filters();
        assert!(ids.iter().all(|id| id.ends_with(branch) || id == "only-one"), "{ids:?} on {branch}");
        seen.insert(running.live.snapshot().generation());
    }
    assert_eq!(seen.len(), 2, "one generation a branch, however often it is checked out");
}

#[tokio::test]
async fn a_commit_that_leaves_the_rules_alone_still_moves_the_stamp() {
    if !has_git() {
        return;
    }
    let world = World::new().with("rules/a.yaml", &filter("one", "x"));
    world.git("init -q");
    let first = world.commit();
    let running = world.start().await;
    assert_eq!(running.commit().as_deref(), Some(&*first));
    let loaded_at = running.reloader.report().loaded_at;
    let second = world.commit();
    running.within_two_seconds("on the second commit", |running| running.commit().as_deref() == Some(&*second)).await;
    let report = running.reloader.report();
    assert_eq!((report.last_reload.outcome, report.loaded_at), ("unchanged", loaded_at));
    assert_eq!(report.author.as_deref(), Some("Ada Lovelace <ada@example.com>"));
    // Packing the references away moves nothing, and the next commit is seen all the same.
    world.git("gc -q");
    let third = world.commit();
    running.within_two_seconds("on the third commit", |running| running.commit().as_deref() == Some(&*third)).await;
}
