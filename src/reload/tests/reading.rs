//! Reading: everything that counts and nothing else, never waiting on what is no file, never half of a change.

use super::world::{PLAYBOOK, World, filter, make_pipe};
use crate::ruleset::SourceKind;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

fn names(world: &World) -> Vec<String> {
    let (sources, found) = world.read();
    assert_eq!(found, Vec::<String>::new());
    sources.files.into_iter().map(|file| file.name).collect()
}

#[test]
fn reads_what_counts_and_nothing_else() {
    let world = World::new()
        .with("rules/a.yaml", &filter("aa", "x"))
        .with("rules/team/b.yml", &filter("bb", "x"))
        .with("rules/team/b.test.yaml", "[]")
        .with("rules/README.md", "about")
        .with("rules/.hidden.yaml", "no")
        .with("rules/.git/c.yaml", "no")
        .with("rules/.gitignore", "*.yml\n")
        .with("rules/.ignore", "*.yaml\n")
        .with(".gitignore", "rules\n")
        .with("playbooks/p.rhai", PLAYBOOK)
        .with("playbooks/p.test.yaml", "[]")
        .with("playbooks/lib/net/ip.rhai", "fn one() { 1 }");
    let (sources, found) = world.read();
    assert_eq!(found, Vec::<String>::new());
    let read: Vec<_> = sources.files.iter().map(|file| (file.name.as_str(), file.kind.clone())).collect();
    assert_eq!(
        read,
        [
            ("playbooks/lib/net/ip.rhai", SourceKind::Module { import: "lib/net/ip".into() }),
            ("playbooks/p.rhai", SourceKind::Playbook),
            ("playbooks/p.test.yaml", SourceKind::PlaybookTest),
            ("rules/a.yaml", SourceKind::Rule),
            ("rules/team/b.test.yaml", SourceKind::RuleTest),
            ("rules/team/b.yml", SourceKind::Rule),
        ]
    );
    assert_eq!(&*sources.files[3].path, world.path("rules/a.yaml"));
    assert_eq!(sources.files[3].bytes, filter("aa", "x").into_bytes());
    assert_eq!(sources.revision, None);
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let world = World::new().in_folder("nowhere").with("nowhere/playbooks", "a file");
    let (sources, found) = world.read();
    assert!(sources.files.is_empty());
    assert_eq!(
        found,
        [
            "nowhere/playbooks:1:1: error[L001]: the playbooks folder is not a folder",
            "nowhere/rules:1:1: error[L001]: the rules folder cannot be read: it does not exist",
        ]
    );
}

#[test]
fn what_is_no_regular_file_is_named_and_never_waited_on() {
    let world = World::new().with("rules/good.yaml", &filter("good", "x")).with("rules/dir.yaml/in.yaml", "x: 1");
    make_pipe(&world.path("rules/pipe.yaml"));
    let _socket = std::os::unix::net::UnixListener::bind(world.path("playbooks/socket.rhai")).unwrap();
    symlink("/dev/zero", world.path("rules/zero.yaml")).unwrap();
    symlink("/etc/passwd", world.path("rules/passwd.yaml")).unwrap();
    symlink("/", world.path("rules/disk")).unwrap();
    symlink("../rules", world.path("playbooks/rules")).unwrap();
    symlink("nowhere", world.path("rules/nowhere.yaml")).unwrap();
    symlink(".", world.path("rules/round")).unwrap();
    // An editor's lock leads nowhere by design, and nobody reads it; nor a stray link to something nobody reads.
    symlink("ada@host.42:1", world.path("rules/.#good.yaml")).unwrap();
    symlink("/etc/hostname", world.path("rules/README.md")).unwrap();
    let (sources, found) = world.read();
    assert_eq!(
        found,
        [
            "playbooks/rules:1:1: error[L003]: the link leads out of the folder",
            "playbooks/socket.rhai:1:1: error[L002]: not a regular file",
            "rules/dir.yaml:1:1: error[L002]: a folder, not a regular file",
            "rules/disk:1:1: error[L003]: the link leads out of the folder",
            "rules/nowhere.yaml:1:1: error[L004]: the link leads nowhere",
            "rules/passwd.yaml:1:1: error[L003]: the link leads out of the folder",
            "rules/pipe.yaml:1:1: error[L002]: not a regular file",
            "rules/round:1:1: error[L004]: the link leads in a circle",
            "rules/zero.yaml:1:1: error[L003]: the link leads out of the folder",
        ]
    );
    let names: Vec<_> = sources.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["rules/dir.yaml/in.yaml", "rules/good.yaml"]);
}

#[test]
fn limits_are_named() {
    let world = World::new()
        .with("rules/1/2/3/4/5/6/7/8/deep.yaml", &filter("deep", "x"))
        .with("rules/1/2/3/4/5/6/7/8/9/deeper.yaml", &filter("deeper", "x"));
    world.write("rules/large.yaml", vec![b'#'; 1024 * 1024 + 1]);
    world.write("rules/a\u{1b}[2J.yaml", "");
    let (sources, found) = world.read();
    assert_eq!(
        found,
        [
            r#"rules:1:1: error[L010]: the name "a\u{1b}[2J.yaml" is not plain text"#,
            "rules/1/2/3/4/5/6/7/8/9:1:1: error[L005]: folders are nested deeper than 8 levels",
            "rules/large.yaml:1:1: error[L006]: the file is larger than 1048576 bytes",
        ]
    );
    assert_eq!(sources.files.len(), 1);
}

#[test]
fn a_file_in_the_wrong_folder_is_pointed_out() {
    let world = World::new().with("rules/p.rhai", PLAYBOOK).with("playbooks/a.yaml", &filter("aa", "x"));
    let (sources, found) = world.read();
    assert!(sources.files.is_empty());
    assert_eq!(
        found,
        [
            "playbooks/a.yaml:1:1: warning[L009]: nothing reads this file in the playbooks folder",
            "rules/p.rhai:1:1: warning[L009]: nothing reads this file in the rules folder",
        ]
    );
}

#[test]
fn a_mounted_volume_is_read_once_through_its_links() {
    let world = World::new().with("rules/..2026_1/a.yaml", &filter("aa", "x")).with("rules/..2026_1/team/b.yaml", "");
    world.link("..2026_1", "rules/..data");
    symlink("..data/a.yaml", world.path("rules/a.yaml")).unwrap();
    symlink("..data/team", world.path("rules/team")).unwrap();
    assert_eq!(names(&world), ["rules/a.yaml", "rules/team/b.yaml"]);
}

#[test]
fn what_changes_between_listing_and_reading_is_read_again() {
    let world = World::new().with("rules/..one/a.yaml", "one").with("rules/..two/a.yaml", "two");
    world.link("..one", "rules/..data");
    symlink("..data/a.yaml", world.path("rules/a.yaml")).unwrap();
    let mut listings = 0;
    let (sources, found) = world.read_disturbed(&mut || {
        listings += 1;
        if listings == 1 {
            world.link("..two", "rules/..data");
            world.write("rules/b.yaml", "two");
        }
    });
    assert_eq!(found, Vec::<String>::new());
    let read: Vec<_> = sources.files.iter().map(|file| (file.name.as_str(), file.bytes.as_slice())).collect();
    assert_eq!(read, [("rules/a.yaml", b"two".as_slice()), ("rules/b.yaml", b"two".as_slice())]);
}

#[test]
fn a_change_of_many_files_in_one_step_is_never_read_by_half() {
    const FILES: usize = 200;
    let world = World::new();
    for file in 0..FILES {
        // Large enough that reading them all takes about as long as listing them.
        world.write(&format!("rules/..one/{file}.yaml"), "one ".repeat(10_000));
        world.write(&format!("rules/..two/{file}.yaml"), "two ".repeat(10_000));
        symlink(format!("..data/{file}.yaml"), world.path(&format!("rules/{file}.yaml"))).unwrap();
    }
    world.link("..one", "rules/..data");
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for version in ["..two", "..one"].into_iter().cycle() {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                world.link(version, "rules/..data");
                std::thread::sleep(Duration::from_millis(60));
            }
        });
        let reads: Vec<_> = (0..10).map(|_| world.read()).collect();
        done.store(true, Ordering::Relaxed);
        for (sources, found) in reads {
            // Swapped this often, a set may not hold still for long enough; then that is said, and nothing is loaded.
            if found.is_empty() {
                assert_eq!(sources.files.len(), FILES);
                assert!(sources.files.iter().all(|file| file.bytes == sources.files[0].bytes));
            } else {
                assert!(found[0].contains("error[L008]"), "{found:?}");
            }
        }
    });
}

#[test]
fn files_that_come_and_go_are_read_once_they_stay() {
    let world = World::new().with("rules/stays.yaml", &filter("stays", "x"));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..200 {
                world.write("rules/comes.yaml", format!("round: {round}"));
                std::thread::sleep(Duration::from_millis(1));
                world.remove("rules/comes.yaml");
            }
        });
        for _ in 0..10 {
            let (_, found) = world.read();
            assert_eq!(found, Vec::<String>::new());
        }
    });
    assert_eq!(names(&world), ["rules/stays.yaml"]);
}

#[test]
fn files_that_never_stand_still_are_refused_and_not_waited_for_for_ever() {
    let world = World::new().with("rules/busy.yaml", "");
    let mut round = 0;
    let (_, found) = world.read_disturbed(&mut || {
        round += 1;
        world.write("rules/busy.yaml", "x".repeat(round));
    });
    assert_eq!(found, ["rules:1:1: error[L008]: the files kept changing while they were read"]);
}

#[test]
fn a_checkout_that_begins_while_the_set_is_read_is_waited_for() {
    let world = World::new().with(".git/HEAD", "ref: refs/heads/main\n").with("rules/a.yaml", "one");
    std::thread::sleep(Duration::from_millis(50));
    std::thread::scope(|scope| {
        let mut has_begun = false;
        let (sources, found) = world.read_disturbed(&mut || {
            if !std::mem::replace(&mut has_begun, true) {
                world.write(".git/index.lock", "");
                scope.spawn(|| {
                    std::thread::sleep(Duration::from_millis(200));
                    world.write("rules/a.yaml", "two");
                    world.remove(".git/index.lock");
                });
            }
        });
        assert_eq!(found, Vec::<String>::new());
        assert_eq!(sources.files[0].bytes, b"two");
    });
}
