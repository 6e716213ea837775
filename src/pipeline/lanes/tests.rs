//! What a lane may do, as the board says it, on a clock that a test moves and a store that is real.

use super::board::Turn;
use super::{LaneView, Lanes};
use crate::clock::{Clock, ManualClock, Timestamp};
use crate::delivery::{
    Attempted, Class, Connection, ConnectionSpec, Connections, Fault, Purpose, Rate, RetryAfter, UrlText,
};
use crate::pipeline::signals::Signals;
use crate::store::{LaneState, SqliteSettings, SqliteStore, Store};
use crate::telemetry::Metrics;
use jiff::SignedDuration;
use std::sync::Arc;
use std::time::Duration;

struct World {
    folder: tempfile::TempDir,
    clock: ManualClock,
    metrics: Arc<Metrics>,
    signals: Signals,
    lanes: Lanes,
    store: Arc<dyn Store>,
}

fn connections() -> Connections {
    let connection = |name: &str, rate: Option<&str>| {
        let spec = ConnectionSpec {
            name: name.into(),
            url: UrlText::Plain(format!("https://{name}.example/hooks/secret-part")),
            rate: rate.map(|rate| Rate::parse(rate).unwrap()),
            purpose: if name == "firewall" { Purpose::Respond } else { Purpose::Notify },
            ..ConnectionSpec::default()
        };
        Connection::new(spec).unwrap()
    };
    [connection("chat", None), connection("firewall", None), connection("metered", Some("2/s"))].into_iter().collect()
}

impl World {
    async fn new() -> Self {
        let clock = ManualClock::at(Timestamp::from_second(1_767_225_600).unwrap());
        Self::on(tempfile::tempdir().unwrap(), clock).await
    }

    async fn on(folder: tempfile::TempDir, clock: ManualClock) -> Self {
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(SqliteSettings::in_folder(folder.path())).unwrap());
        let metrics = Arc::new(Metrics::new());
        let signals = Signals::new(["chat", "firewall", "metered"].into_iter());
        let (shared, clock) = (Arc::new(clock.clone()), clock);
        let connections = connections();
        let lanes = Lanes::restore(&connections, None, store.clone(), shared, metrics.clone(), signals.clone());
        let lanes = lanes.await.unwrap();
        Self { folder, clock, metrics, signals, lanes, store }
    }

    async fn restarted(self) -> Self {
        self.store.close().await;
        let Self { folder, clock, lanes, store, .. } = self;
        drop((lanes, store));
        Self::on(folder, clock).await
    }

    async fn turn(&self, name: &str) -> Turn {
        self.lanes.turn(name, self.clock.now()).await
    }

    async fn came(&self, name: &str, attempted: &Attempted, probe: bool) {
        let change = self.lanes.observe(name, attempted, probe, self.clock.now()).unwrap();
        self.lanes.tell_of(&change).await;
    }

    async fn view(&self, name: &str) -> LaneView {
        self.lanes.views().await.unwrap().into_iter().find(|view| view.name == name).unwrap()
    }

    fn after(&self, seconds: i64) -> Timestamp {
        self.clock.now() + SignedDuration::from_secs(seconds)
    }
}

fn attempted(class: Class, status: Option<u16>, fault: Option<Fault>) -> Attempted {
    Attempted {
        status,
        error: None,
        class,
        fault,
        retry_after: None,
        value: serde_json::Value::Null,
        answer: None,
        latency: Duration::ZERO,
    }
}

fn refused() -> Attempted {
    attempted(Class::Transient, None, Some(Fault::Connect))
}

fn asking(seconds: i64) -> Attempted {
    let retry_after = Some(RetryAfter::Delay(SignedDuration::from_secs(seconds)));
    Attempted { retry_after, ..attempted(Class::Transient, Some(503), None) }
}

fn fine() -> Attempted {
    attempted(Class::Success, Some(200), None)
}

fn gone() -> Attempted {
    attempted(Class::Gone, Some(410), None)
}

const ALL: Turn = Turn::Send { most: usize::MAX };

#[tokio::test]
async fn one_receiver_that_fails_closes_its_own_lane_only_and_one_request_opens_it_again() {
    let world = World::new().await;
    for _ in 0..5 {
        assert_eq!(world.turn("chat").await, ALL);
        world.came("chat", &refused(), false).await;
    }
    let until = world.after(30);
    assert_eq!(world.turn("chat").await, Turn::Rest(Some(until)));
    assert!(world.lanes.is_resting("chat", world.clock.now()));
    assert_eq!(world.turn("firewall").await, ALL);

    world.clock.advance(Duration::from_secs(30));
    assert_eq!(world.turn("chat").await, Turn::Probe);
    world.lanes.begin("chat", 1, true, world.clock.now());
    assert!(matches!(world.turn("chat").await, Turn::Rest(Some(_))), "one is enough");
    world.came("chat", &fine(), true).await;
    assert_eq!((world.turn("chat").await, world.view("chat").await.state), (ALL, LaneState::Closed));
}

#[tokio::test]
async fn how_lanes_stand_survives_a_restart() {
    let world = World::new().await;
    for _ in 0..5 {
        world.came("chat", &refused(), false).await;
    }
    world.came("firewall", &gone(), false).await;
    world.came("metered", &asking(600), false).await;
    let (open, held) = (world.after(30), world.after(600));
    let before = world.lanes.views().await.unwrap();

    let world = world.restarted().await;
    assert_eq!(world.lanes.views().await.unwrap(), before);
    assert_eq!(world.turn("chat").await, Turn::Rest(Some(open)));
    assert_eq!(world.turn("firewall").await, Turn::Rest(None));
    assert_eq!(world.turn("metered").await, Turn::Rest(Some(held)));

    world.clock.advance(Duration::from_secs(30));
    assert_eq!(world.turn("chat").await, Turn::Probe);
    world.came("chat", &refused(), true).await;
    assert_eq!(world.view("chat").await.until, Some(world.after(60)), "it remembers that it had opened before");
}

#[tokio::test]
async fn a_paused_connection_waits_for_a_person_and_wakes_at_once() {
    let world = World::new().await;
    world.came("firewall", &gone(), false).await;
    world.clock.advance(Duration::from_secs(86_400 * 5));
    assert_eq!(world.turn("firewall").await, Turn::Rest(None));
    let bell = world.signals.lane("firewall").unwrap();

    let view = world.lanes.resume("firewall").await.unwrap().unwrap();
    assert_eq!((view.state, view.since, view.until), (LaneState::Closed, world.clock.now(), None));
    assert_eq!(world.turn("firewall").await, ALL);
    tokio::time::timeout(Duration::from_secs(5), bell.notified()).await.expect("the lane is woken");
    assert_eq!(world.lanes.resume("pager").await.unwrap(), None);

    let world = world.restarted().await;
    assert_eq!(world.turn("firewall").await, ALL, "that it was resumed is not forgotten");
}

#[tokio::test]
async fn a_rate_lets_a_second_s_worth_begin_and_says_when_the_next_may() {
    let world = World::new().await;
    assert_eq!(world.turn("metered").await, Turn::Send { most: 2 });
    world.lanes.begin("metered", 2, false, world.clock.now());
    assert_eq!(world.turn("metered").await, Turn::Wait(SignedDuration::from_millis(500)));
    assert!(world.lanes.is_resting("metered", world.clock.now()));
    world.clock.advance(Duration::from_millis(500));
    assert_eq!(world.turn("metered").await, Turn::Send { most: 1 });
    assert_eq!(world.turn("chat").await, ALL);
}

#[tokio::test]
async fn people_and_monitors_see_how_a_connection_stands_and_nothing_secret() {
    let world = World::new().await;
    world.came("firewall", &gone(), false).await;
    let flight = world.lanes.take_off("firewall");
    let shown = serde_json::to_value(world.view("firewall").await).unwrap();
    let expected = serde_json::json!({
        "name": "firewall", "origin": "https://firewall.example", "purpose": "respond", "state": "paused",
        "since": world.clock.now(), "until": null, "waiting": 0, "in_flight": 1,
    });
    assert_eq!(shown, expected);
    drop(flight);
    assert_eq!(world.view("firewall").await.in_flight, 0);
    let metrics = world.metrics.render();
    for line in [
        "quell_connection_state{connection=\"firewall\",state=\"paused\"} 1",
        "quell_connection_state{connection=\"firewall\",state=\"closed\"} 0",
        "quell_connection_state{connection=\"chat\",state=\"closed\"} 1",
    ] {
        assert!(metrics.contains(line), "{line} is not in {metrics}");
    }
}
