//! Sets of commits: what is read out of the objects is what a checkout of that commit would hold, and a name leads where
//! git says it does.

use super::world::{PLAYBOOK, World, filter, has_git};
use crate::diag::Diagnostics;
use crate::reload::{CommitFault, NameFault, read_commit};
use crate::ruleset::Sources;

fn read(world: &World, name: &str) -> (Sources, Vec<String>) {
    let mut found = Diagnostics::new();
    let sources = read_commit(world.settings(), name, &mut found).unwrap_or_else(|fault| panic!("{name}: {fault}"));
    (sources, found.sorted().iter().map(crate::diag::Diagnostic::headline).collect())
}

fn names(sources: &Sources) -> Vec<&str> {
    sources.files.iter().map(|file| file.name.as_str()).collect()
}

fn refused(world: &World, name: &str) -> String {
    read_commit(world.settings(), name, &mut Diagnostics::new()).unwrap_err().to_string()
}

/// Three commits on `main`, a branch off the second, merged; a tag of each kind.
fn history() -> World {
    let world = World::new().with("rules/a.yaml", &filter("aa", "one")).with("playbooks/tell.rhai", PLAYBOOK);
    world.git("init -q");
    world.commit();
    world.git("tag light");
    world.write("rules/a.yaml", filter("aa", "two"));
    world.commit();
    world.git("tag -a -m about heavy");
    world.git("tag -a -m about heavier heavy");
    world.git("checkout -q -b team/side");
    world.write("rules/side.yaml", filter("side", "x"));
    world.commit();
    world.git("checkout -q main");
    world.write("rules/a.yaml", filter("aa", "three"));
    world.commit();
    world.git("merge -q -m merged team/side");
    world
}

#[test]
fn a_name_leads_where_git_says_it_does() {
    if !has_git() {
        return;
    }
    let world = history();
    let check = |world: &World| {
        let full = world.git("rev-parse HEAD~2");
        let known = [
            "HEAD",
            "@",
            "main",
            "heads/main",
            "refs/heads/main",
            "team/side",
            "light",
            "tags/light",
            "heavy",
            "heavier",
            "HEAD~",
            "HEAD~1",
            "HEAD~2",
            "HEAD^",
            "HEAD^1",
            "HEAD^2",
            "HEAD^0",
            "HEAD^^",
            "HEAD^2~1",
            "heavy^{}",
            "heavier^{commit}",
            "heavy~1",
            "main~1^1",
            &full,
            &full[..7],
            &full[..12].to_uppercase(),
        ];
        for name in known {
            let expected = world.git(&format!("rev-parse {name}^{{commit}}"));
            assert_eq!(read(world, name).0.revision.unwrap().commit, expected, "{name}");
        }
    };
    check(&world);
    world.git("gc -q --aggressive --prune=now");
    assert!(!world.path(".git/refs/heads/main").exists(), "references are packed");
    check(&world);
}

#[test]
fn a_name_that_leads_nowhere_says_why() {
    if !has_git() {
        return;
    }
    let world = history();
    let tree = world.git("rev-parse HEAD^{tree}");
    for (name, why) in [
        ("mian", "there is no commit, branch or tag `mian`"),
        ("", "there is no commit, branch or tag ``"),
        ("abc", "there is no commit, branch or tag `abc`"),
        ("../../etc/passwd", "`../../etc/passwd` is not read"),
        ("HEAD~9", "`HEAD~9` leads beyond the first commit"),
        ("HEAD^3", "`HEAD^3` leads beyond the first commit"),
        ("HEAD~99999999999999999999", "is not read"),
        ("HEAD~9999999", "is not read"),
        ("main@{1}", "`main@{1}` is not read"),
        ("main..HEAD", "is not read"),
        ("HEAD:rules", "is not read"),
        ("HEAD^{tree}", "is not read"),
        (&tree, "names something that is no commit"),
        ("0123456789012345678901234567890123456789", "is not in this clone"),
    ] {
        let said = refused(&world, name);
        assert!(said.contains(why), "{name}: {said}");
    }
    let elsewhere = World::new();
    assert!(refused(&elsewhere, "HEAD").contains("lies in no git working tree"));
}

#[test]
fn a_shallow_clone_says_what_it_lacks() {
    if !has_git() {
        return;
    }
    let world = history();
    world.git(&format!("clone -q --depth 1 file://{} shallow", world.path("").display()));
    let world = world.in_folder("shallow");
    assert_eq!(names(&read(&world, "HEAD").0).len(), 3);
    let fault = read_commit(world.settings(), "HEAD~1", &mut Diagnostics::new()).unwrap_err();
    assert!(matches!(fault, CommitFault::Name(NameFault::Missing(_))), "{fault}");
    assert!(fault.to_string().contains("git fetch --unshallow"));
}

#[test]
fn the_set_of_a_commit_is_that_of_its_clean_checkout() {
    if !has_git() {
        return;
    }
    let world = World::new()
        .with("rules/a.yaml", &filter("aa", "x"))
        .with("rules/deep/er/b.yml", &filter("bb", "x"))
        .with("rules/deep/b.test.yaml", "[]")
        .with("rules/placeholders.yaml", "x: [1]")
        .with("rules/.hidden.yaml", "no")
        .with("rules/.store/real.yaml", &filter("linked", "x"))
        .with("rules/NOTES.md", "no")
        .with("playbooks/tell.rhai", PLAYBOOK)
        .with("playbooks/lib/net.rhai", "fn x() {}");
    world.link(".store/real.yaml", "rules/linked.yaml");
    world.link("linked.yaml", "rules/twice.yaml");
    world.link("deep/er", "rules/folder");
    world.git("init -q");
    let commit = world.commit();
    let (on_disk, found) = world.read();
    assert_eq!(found, Vec::<String>::new());
    let (committed, found) = read(&world, "HEAD");
    assert_eq!(found, Vec::<String>::new());
    assert_eq!(names(&committed), names(&on_disk));
    assert!(names(&committed).contains(&"rules/folder/b.yml") && names(&committed).contains(&"rules/twice.yaml"));
    assert_eq!((committed.digest(), committed.generation()), (on_disk.digest(), on_disk.generation()));
    let revision = committed.revision.clone().unwrap();
    assert_eq!((&*revision.commit, revision.author.as_deref()), (&*commit, Some("Ada Lovelace <ada@example.com>")));
    let path = committed.files.iter().find(|file| file.name == "rules/deep/er/b.yml").unwrap().path.clone();
    assert_eq!(path.display().to_string(), format!("{}:rules/deep/er/b.yml", &commit[..12]));

    // The checkout has no say.
    world.write("rules/a.yaml", filter("other", "y"));
    world.remove("playbooks/tell.rhai");
    assert_eq!(read(&world, "HEAD").0.digest(), committed.digest());
    std::fs::remove_dir_all(world.path("rules")).unwrap();
    assert_eq!(read(&world, "HEAD").0.digest(), committed.digest(), "not even by being there");
}

#[test]
fn what_is_no_part_of_the_folder_is_told_and_not_read() {
    if !has_git() {
        return;
    }
    let world = World::new().with("rules/a.yaml", &filter("aa", "x")).with("outside.yaml", &filter("out", "x"));
    world.link("../outside.yaml", "rules/out.yaml");
    world.link("/etc/hostname", "rules/host.yaml");
    world.link("nowhere", "rules/gone.yaml");
    world.link(".", "rules/circle");
    world.write("rules/big.yaml", "x".repeat(2 << 20));
    world.write("rules/misplaced.rhai", PLAYBOOK);
    std::fs::create_dir(world.path("rules/folder.yaml")).unwrap();
    world.write("rules/folder.yaml/x.yaml", filter("xx", "x"));
    world.write("rules/1/2/3/4/5/6/7/8/9/deep.yaml", filter("deep", "x"));
    world.git("init -q");
    let commit = world.commit();
    let (sources, found) = read(&world, "main");
    let told: Vec<String> = found.iter().map(|line| line.replace(&format!("{}:", &commit[..12]), "")).collect();
    let has = |file: &str, code: &str| told.iter().any(|line| line.contains(file) && line.contains(code));
    for (file, code) in [
        ("rules/out.yaml", "L003"),
        ("rules/host.yaml", "L003"),
        ("rules/gone.yaml", "L004"),
        ("rules/circle", "L004"),
        ("rules/big.yaml", "L006"),
        ("rules/misplaced.rhai", "L009"),
        ("rules/folder.yaml", "L002"),
        ("rules/1/2/3/4/5/6/7/8/9", "L005"),
        ("playbooks", "L001"),
    ] {
        assert!(has(file, code), "{file} {code}: {told:#?}");
    }
    assert_eq!(names(&sources), ["rules/a.yaml", "rules/folder.yaml/x.yaml"]);
}
