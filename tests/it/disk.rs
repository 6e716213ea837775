//! Promise 1 on a bad disk: full, or failing to sync, the daemon answers 503 and never 200 for what is not durable.
//!
//! A shim in front of the C library makes the faults; it is built with the C compiler that SQLite needs anyway.

use crate::receiver::Receiver;
use crate::world::{Daemon, World, eventually};
use serde_json::json;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Builds the shim; says why not where there is no C compiler.
fn shim(folder: &Path) -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/fault.c");
    let library = folder.join("fault.so");
    let built =
        Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).arg("-ldl").status();
    match built {
        Ok(status) if status.success() => Some(library),
        other => {
            drop(writeln!(std::io::stderr(), "skipped: the fault shim does not build here: {other:?}"));
            None
        }
    }
}

/// A daemon whose disk goes bad while the control file says so.
fn daemon_on_a_bad_disk(world: World) -> Option<(Daemon, PathBuf)> {
    let shim = shim(&world.path(""))?;
    let control = world.path("fault");
    let daemon = world.env("LD_PRELOAD", shim.to_str().unwrap()).env("QUELL_FAULT", control.to_str().unwrap()).start();
    Some((daemon, control))
}

fn alert(number: usize) -> String {
    json!({"title": "t", "severity": "low", "source_id": format!("a{number}")}).to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_and_goes_on_once_there_is_room() {
    let Some((daemon, control)) = daemon_on_a_bad_disk(World::new()) else { return };
    assert_eq!(daemon.post("/api/v1/alerts", "application/json", alert(1)).await.0, 200);
    std::fs::write(&control, "w").unwrap();
    for number in 2..5 {
        let (status, answer) = daemon.post("/api/v1/alerts", "application/json", alert(number)).await;
        assert_eq!((status, &answer["code"]), (503, &json!("storage_full")), "{answer:#}");
    }
    std::fs::remove_file(&control).unwrap();
    eventually("alerts are taken again", async || {
        daemon.post("/api/v1/alerts", "application/json", alert(5)).await.0 == 200
    })
    .await;
    let stored = daemon.get("/api/v1/alerts").await;
    assert_eq!(stored["items"].as_array().unwrap().len(), 2, "what was refused is not stored: {stored:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_sync_ends_all_acknowledgement_until_a_restart() {
    let Some((mut daemon, control)) = daemon_on_a_bad_disk(World::new()) else { return };
    let first = daemon.post_alert(json!({"title": "t", "source_id": "a1"})).await;
    std::fs::write(&control, "s").unwrap();
    let (status, answer) = daemon.post("/api/v1/alerts", "application/json", alert(2)).await;
    assert_eq!((status, &answer["code"]), (503, &json!("storage_failed")), "{answer:#}");
    // The disk says it is well again. What it did with the lost write, nobody knows.
    std::fs::remove_file(&control).unwrap();
    let (status, answer) = daemon.post("/api/v1/alerts", "application/json", alert(3)).await;
    assert_eq!((status, &answer["code"]), (503, &json!("storage_failed")), "{answer:#}");
    assert_eq!(daemon.client.get(daemon.url("/readyz")).send().await.unwrap().status(), 503);
    daemon.kill();
    daemon.restart();
    let again = daemon.post_alert(json!({"title": "t", "source_id": "a1"})).await;
    assert_eq!((&again["id"], &again["duplicate"]), (&first["id"], &json!(true)));
    assert_eq!(daemon.post("/api/v1/alerts", "application/json", alert(4)).await.0, 200);
}

const TWO_STEPS: &str = r#"//! title: Two steps
//! match: {alert_type: Loud}
//! connections: [chat]
//! owner: soc@example.com

fn on_alert(alert) {
    connection("chat").post(#{ title: alert.title });
    comment("told");
    connection("chat").post(#{ title: "again" });
}
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_run_still_ends_after_a_while_on_a_full_disk() {
    let receiver = Receiver::start().await;
    let world = World::new().playbook("two-steps.rhai", TWO_STEPS).connection("chat", &receiver);
    let Some((daemon, control)) = daemon_on_a_bad_disk(world) else { return };
    let posters: Vec<_> = (0..6)
        .map(|poster| {
            let (client, url) = (daemon.client.clone(), daemon.url("/api/v1/alerts"));
            tokio::spawn(async move {
                let mut taken = 0;
                for number in 0..150 {
                    let alert = json!({"title": "t", "alert_type": "Loud", "source_id": format!("{poster}-{number}")});
                    let request = client.post(&url).header("content-type", "application/json").body(alert.to_string());
                    taken += usize::from(request.send().await.unwrap().status() == 200);
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                taken
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(500)).await;
    std::fs::write(&control, "w").unwrap();
    tokio::time::sleep(Duration::from_millis(700)).await;
    std::fs::remove_file(&control).unwrap();
    let mut taken = 0;
    for poster in posters {
        taken += poster.await.unwrap();
    }
    assert!((50..900).contains(&taken), "{taken} of 900 alerts were taken: the test proves nothing");
    eventually("every run ended", async || {
        let open = daemon.get("/api/v1/runs?status=queued,running,waiting&limit=1").await;
        open["items"].as_array().unwrap().is_empty()
    })
    .await;
    let mut ids: Vec<String> = receiver.ledger().iter().map(|delivery| delivery.id().to_owned()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 2 * taken, "two messages for each alert that was taken");
}
