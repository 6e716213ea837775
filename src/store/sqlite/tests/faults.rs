//! A killed process, a full disk and a failing disk: what was acknowledged is there, and what is not written is
//! never acknowledged.

use super::child::{Child, Said};
use crate::clock::{Stopwatch, Timestamp};
use crate::store::contract_suite::samples::{at, plain};
use crate::store::{SqliteSettings, SqliteStore, StepStatus, Store};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A store after its process ended must open by itself and hold everything that was acknowledged.
async fn holds(folder: &Path, said: &[Said]) {
    let store = SqliteStore::open(SqliteSettings::in_folder(folder)).unwrap();
    let far = "2100-01-01T00:00:00Z".parse::<Timestamp>().unwrap();
    let claimable = store.claim_requests("chat", 1000, far).await.unwrap();
    for said in said {
        match said {
            Said::Accepted(id) => assert!(store.alert(id).await.unwrap().is_some(), "{id} is lost"),
            Said::StepDone(run) => {
                assert!(claimable.iter().all(|request| request.run != *run), "{run} would be sent again");
                let step = store.run(run).await.unwrap().unwrap().steps.remove(0);
                assert_eq!(step.status, StepStatus::Done);
            }
            Said::Refused { .. } => {}
        }
    }
    store.close().await;
}

#[tokio::test]
async fn what_was_acknowledged_survives_kills() {
    let folder = tempfile::tempdir().unwrap();
    let mut said = Vec::new();
    for round in 0..8 {
        let child = Child::start(folder.path(), None);
        said.extend((0..=round * 6).map(|_| child.next()));
        std::thread::sleep(Duration::from_micros(round * 130));
        said.extend(child.kill());
        holds(folder.path(), &said).await;
    }
}

#[tokio::test]
async fn a_full_disk_is_never_acknowledged_and_passes() {
    let Some(disk) = Disk::new() else { return };
    let child = Child::start(&disk.store(), Some((&disk.library(), &disk.control())));
    let mut said = vec![child.next(), child.next(), child.next()];
    disk.turn("w");
    wait_for(&child, &mut said, |said| matches!(said, Said::Refused { answer, .. } if answer == "full"));
    for _ in 0..20 {
        let full = Said::Refused { answer: "full".to_owned(), health: "full".to_owned() };
        assert_eq!(child.next(), full);
    }
    disk.heal();
    wait_for(&child, &mut said, |said| matches!(said, Said::Accepted(_)));
    said.extend(
        (0..20).map(|_| child.next()).inspect(|said| assert!(!matches!(said, Said::Refused { .. }), "{said:?}")),
    );
    said.extend(child.kill());
    holds(&disk.store(), &said).await;
}

#[tokio::test]
async fn after_a_failed_sync_nothing_is_acknowledged_any_more() {
    let Some(disk) = Disk::new() else { return };
    let child = Child::start(&disk.store(), Some((&disk.library(), &disk.control())));
    let mut said = vec![child.next(), child.next(), child.next()];
    disk.turn("s");
    wait_for(&child, &mut said, |said| matches!(said, Said::Refused { .. }));
    disk.heal();
    for _ in 0..20 {
        let failed = Said::Refused { answer: "failed".to_owned(), health: "failed".to_owned() };
        assert_eq!(child.next(), failed, "a later sync that works proves nothing");
    }
    said.extend(child.kill());
    holds(&disk.store(), &said).await;
    let store = SqliteStore::open(SqliteSettings::in_folder(disk.store())).unwrap();
    assert!(store.accept(vec![plain("after the restart")], at(0)).await.is_ok());
}

fn wait_for(child: &Child, heard: &mut Vec<Said>, wanted: impl Fn(&Said) -> bool) {
    let patience = Stopwatch::start();
    loop {
        assert!(patience.elapsed() < Duration::from_secs(20), "the child never said so");
        let said = child.next();
        let found = wanted(&said);
        heard.push(said);
        if found {
            return;
        }
    }
}

/// A disk that fails when told to.
struct Disk(tempfile::TempDir);

impl Disk {
    /// None, with a message, on a machine without a C compiler.
    fn new() -> Option<Self> {
        let disk = Self(tempfile::tempdir().unwrap());
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/fault.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(disk.library()).arg(source).arg("-ldl");
        match compiler.status() {
            Ok(status) => assert!(status.success(), "the fault library compiles"),
            Err(error) => {
                drop(writeln!(std::io::stderr(), "skipped: no `cc` to build the failing disk with ({error})"));
                return None;
            }
        }
        Some(disk)
    }

    fn store(&self) -> PathBuf {
        self.0.path().join("data")
    }

    fn library(&self) -> PathBuf {
        self.0.path().join("fault.so")
    }

    fn control(&self) -> PathBuf {
        self.0.path().join("control")
    }

    fn turn(&self, how: &str) {
        std::fs::write(self.control(), how).unwrap();
    }

    fn heal(&self) {
        std::fs::remove_file(self.control()).unwrap();
    }
}
