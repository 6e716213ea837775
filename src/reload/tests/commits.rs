//! Commits: what is read from `.git` is what git itself says, however the repository keeps it.

use super::world::{PLAYBOOK, World, filter, has_git};
use crate::ruleset::Revision;

fn repository() -> World {
    let world = World::new()
        .with("rules/a.yaml", &filter("aa", "x"))
        .with("rules/team/b.yaml", &filter("bb", "x"))
        .with("rules/a.test.yaml", "[]")
        .with("playbooks/tell.rhai", PLAYBOOK)
        .with("README.md", "about");
    world.git("init -q");
    world
}

fn revision(world: &World) -> Revision {
    world.read().0.revision.expect("the folder is a checkout")
}

#[test]
fn names_the_commit_its_author_and_its_time() {
    if !has_git() {
        return;
    }
    let world = repository();
    assert_eq!(world.read().0.revision, None, "before the first commit");
    let commit = world.commit();
    let expected = Revision {
        commit,
        author: Some("Ada Lovelace <ada@example.com>".into()),
        commit_time: Some("2026-11-20T08:00:00Z".parse().unwrap()),
        dirty: false,
    };
    assert_eq!(revision(&world), expected);
}

#[test]
fn dirty_means_that_what_decides_is_not_the_commits() {
    if !has_git() {
        return;
    }
    let world = repository();
    world.commit();
    let is_dirty = || revision(&world).dirty;
    for harmless in ["README.md", "rules/a.test.yaml", "rules/NOTES.md", "rules/.swp.yaml"] {
        world.write(harmless, "changed");
    }
    assert!(!is_dirty(), "files without a say");
    world.write("rules/new.yaml", filter("new", "x"));
    assert!(is_dirty(), "a file more");
    world.remove("rules/new.yaml");
    assert!(!is_dirty());
    world.remove("rules/team/b.yaml");
    assert!(is_dirty(), "a file less");
    world.git("checkout -q -- rules");
    assert!(!is_dirty());
    world.write("playbooks/tell.rhai", format!("{PLAYBOOK}\n"));
    assert!(is_dirty(), "a file changed");
    world.git("add -A");
    assert!(is_dirty(), "added is not committed");
    world.commit();
    assert!(!is_dirty());
}

#[test]
fn reads_packed_references_and_packed_objects() {
    if !has_git() {
        return;
    }
    let world = repository();
    for round in 0..5 {
        world.write("rules/a.yaml", filter("aa", &format!("x{round}")));
        world.commit();
    }
    let loose = revision(&world);
    world.git("gc -q --aggressive --prune=now");
    assert!(!world.path(".git/refs/heads/main").exists(), "the reference is packed");
    assert_eq!(revision(&world), loose);
    world.write("rules/a.yaml", filter("aa", "again"));
    let next = world.commit();
    assert_eq!(revision(&world).commit, next, "a loose reference goes before a packed one");
}

#[test]
fn reads_detached_heads_and_branches_with_slashes() {
    if !has_git() {
        return;
    }
    let world = repository();
    let first = world.commit();
    world.git("checkout -q -b team/feature/one");
    world.write("rules/a.yaml", filter("aa", "y"));
    let second = world.commit();
    assert_eq!(revision(&world).commit, second);
    world.git(&format!("checkout -q {first}"));
    assert_eq!((revision(&world).commit, revision(&world).dirty), (first, false));
}

#[test]
fn reads_linked_working_trees_and_submodules() {
    if !has_git() {
        return;
    }
    let world = repository();
    let first = world.commit();
    world.git("worktree add -q tree -b other");
    let world = world.in_folder("tree");
    assert_eq!((revision(&world).commit, revision(&world).dirty), (first.clone(), false));
    world.write("tree/rules/a.yaml", filter("aa", "y"));
    world.git_in("tree", "commit -q -a -m change");
    assert_eq!(revision(&world).commit, world.git_in("tree", "rev-parse HEAD"));

    world.write("outer/README.md", "about");
    world.git_in("outer", "init -q");
    world.git_in("outer", "submodule --quiet add ../ inner");
    let world = world.in_folder("outer/inner");
    assert_eq!((revision(&world).commit, revision(&world).dirty), (first, false));
}

#[test]
fn a_repository_of_sha_256_gives_its_commit_and_no_more() {
    if !has_git() {
        return;
    }
    let world = World::new().with("rules/a.yaml", &filter("aa", "x"));
    world.git("init -q --object-format=sha256");
    let commit = world.commit();
    assert_eq!(commit.len(), 64);
    assert_eq!(revision(&world), Revision { commit, author: None, commit_time: None, dirty: false });
}

#[test]
fn a_deployed_folder_names_its_commit_in_a_file() {
    let world = World::new().with("REVISION", "c0ffee\n");
    let expected = Revision { commit: "c0ffee".into(), author: None, commit_time: None, dirty: false };
    assert_eq!(revision(&world), expected);
    world.write("rules/REVISION", "beef\n");
    assert_eq!(revision(&world).commit, "beef", "the folder's own goes first");
    world.remove("REVISION");
    world.write("rules/REVISION", "two words\u{1b}");
    assert_eq!(world.read().0.revision, None);
}

#[test]
fn a_broken_repository_is_no_commit_and_no_fault() {
    let main = "ref: refs/heads/main";
    let id = "0123456789012345678901234567890123456789";
    let reads = |case: &str, files: &[(&str, &str)], commit: Option<&str>| {
        let world = World::new().with("rules/a.yaml", &filter("aa", "x"));
        files.iter().for_each(|(path, text)| world.write(path, text));
        let (sources, found) = world.read();
        assert_eq!(found, Vec::<String>::new(), "{case}");
        assert_eq!(sources.revision.map(|revision| revision.commit).as_deref(), commit, "{case}");
    };
    reads("no commit", &[(".git/HEAD", main)], None);
    reads("garbage", &[(".git/HEAD", "\u{0}\u{0}")], None);
    reads("an escape", &[(".git/HEAD", "ref: refs/../../secret"), ("secret", id)], None);
    reads("a circle", &[(".git/HEAD", main), (".git/refs/heads/main", main)], None);
    reads("nowhere", &[(".git", "gitdir: ../nowhere")], None);
    reads("no objects", &[(".git/HEAD", id)], Some(id));
    reads("no such object", &[(".git/HEAD", id), (".git/objects/01/23", "garbage")], Some(id));
}
